// case: an image without a batch
// before
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_elementwise_6x3_i8xf32xf32xf32
    builtin.module {
      func.func @f_dispatch_0_elementwise_6x3_i8xf32xf32xf32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<6x3xi8>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<6x3xf32>>) {
        %cst = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [6, 3], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<6x3xi8>> -> tensor<6x3xi8>
        %1 = tensor.empty() : tensor<6x3xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0, %cst : tensor<6x3xi8>, tensor<3xf32>) outs(%1 : tensor<6x3xf32>) {
        ^bb0(%in: i8, %in_0: f32, %out: f32):
          %3 = arith.uitofp %in : i8 to f32
          %4 = arith.mulf %3, %in_0 : f32
          linalg.yield %4 : f32
        } -> tensor<6x3xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0], sizes = [6, 3], strides = [1, 1] : tensor<6x3xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<6x3xf32>>
        return
      }
    }
  }
  flow.executable private @dispatch_1 {
    flow.executable.export public @f_dispatch_1_slow_memcpy
    builtin.module {
      func.func @f_dispatch_1_slow_memcpy(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x2x3xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x4x3xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [3, 2, 3], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x2x3xf32>> -> tensor<3x2x3xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [1, 1, 0], sizes = [3, 2, 3], strides = [1, 1, 1] : tensor<3x2x3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x4x3xf32>>
        return
      }
    }
  }
  util.func public @f(%bytes: tensor<6x3xi8>, %zero: f32) -> tensor<5x4x3xf32> {
    %0 = flow.dispatch @dispatch_0::@f_dispatch_0_elementwise_6x3_i8xf32xf32xf32(%bytes) : (tensor<6x3xi8>) -> tensor<6x3xf32>
    %1 = flow.tensor.reshape %0 : tensor<6x3xf32> -> tensor<3x2x3xf32>
    %2 = flow.tensor.splat %zero : tensor<5x4x3xf32>
    %3 = flow.dispatch @dispatch_1::@f_dispatch_1_slow_memcpy(%1, %2) : (tensor<3x2x3xf32>, tensor<5x4x3xf32>) -> %2
    util.return %3 : tensor<5x4x3xf32>
  }
}
// after
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_elementwise_3x6_i8xf32xf32xf32
    builtin.module {
      func.func @f_dispatch_0_elementwise_3x6_i8xf32xf32xf32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x6xi8>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x12xf32>>) {
        %cst = arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<6xf32>
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [3, 6], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x6xi8>> -> tensor<3x6xi8>
        %1 = tensor.empty() : tensor<3x6xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0, %cst : tensor<3x6xi8>, tensor<6xf32>) outs(%1 : tensor<3x6xf32>) {
        ^bb0(%in: i8, %in_0: f32, %out: f32):
          %3 = arith.uitofp %in : i8 to f32
          %4 = arith.mulf %3, %in_0 : f32
          linalg.yield %4 : f32
        } -> tensor<3x6xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [1, 3], sizes = [3, 6], strides = [1, 1] : tensor<3x6xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x12xf32>>
        return
      }
    }
  }
  flow.executable private @dispatch_1 {
    flow.executable.export public @f_dispatch_1_slow_memcpy
    builtin.module {
      func.func @f_dispatch_1_slow_memcpy(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x2x3xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x4x3xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [3, 2, 3], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x2x3xf32>> -> tensor<3x2x3xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [1, 1, 0], sizes = [3, 2, 3], strides = [1, 1, 1] : tensor<3x2x3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x4x3xf32>>
        return
      }
    }
  }
  util.func public @f(%bytes: tensor<6x3xi8>, %zero: f32) -> tensor<5x4x3xf32> {
    %0 = flow.tensor.splat %zero : tensor<5x12xf32>
    %1 = flow.tensor.reshape %bytes : tensor<6x3xi8> -> tensor<3x6xi8>
    %2 = flow.dispatch @dispatch_0::@f_dispatch_0_elementwise_3x6_i8xf32xf32xf32(%1, %0) : (tensor<3x6xi8>, tensor<5x12xf32>) -> %0
    %3 = flow.tensor.reshape %2 : tensor<5x12xf32> -> tensor<5x4x3xf32>
    util.return %3 : tensor<5x4x3xf32>
  }
}
// case: a batch of images, and a padding on one side
// before
// as: an image without a batch
// - 5x4x3xf32
// + 2x5x3x3xf32
// - 3x2x3xf32
// + 2x3x1x3xf32
// - 0], sizes = [3, 2, 3], strides = [1
// + 0, 0], sizes = [2, 3, 1, 3], strides = [1, 1
// - 1, 1, 0
// + 0, 0, 2
// after
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_elementwise_2x3x3_i8xf32xf32xf32
    builtin.module {
      func.func @f_dispatch_0_elementwise_2x3x3_i8xf32xf32xf32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x3xi8>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x9xf32>>) {
        %cst = arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<3xf32>
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 3, 3], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x3xi8>> -> tensor<2x3x3xi8>
        %1 = tensor.empty() : tensor<2x3x3xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%0, %cst : tensor<2x3x3xi8>, tensor<3xf32>) outs(%1 : tensor<2x3x3xf32>) {
        ^bb0(%in: i8, %in_0: f32, %out: f32):
          %3 = arith.uitofp %in : i8 to f32
          %4 = arith.mulf %3, %in_0 : f32
          linalg.yield %4 : f32
        } -> tensor<2x3x3xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0, 6], sizes = [2, 3, 3], strides = [1, 1, 1] : tensor<2x3x3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x9xf32>>
        return
      }
    }
  }
  flow.executable private @dispatch_1 {
    flow.executable.export public @f_dispatch_1_slow_memcpy
    builtin.module {
      func.func @f_dispatch_1_slow_memcpy(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x1x3xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x3x3xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0, 0], sizes = [2, 3, 1, 3], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x1x3xf32>> -> tensor<2x3x1x3xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 2, 0], sizes = [2, 3, 1, 3], strides = [1, 1, 1, 1] : tensor<2x3x1x3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x3x3xf32>>
        return
      }
    }
  }
  util.func public @f(%bytes: tensor<6x3xi8>, %zero: f32) -> tensor<2x5x3x3xf32> {
    %0 = flow.tensor.splat %zero : tensor<2x5x9xf32>
    %1 = flow.tensor.reshape %bytes : tensor<6x3xi8> -> tensor<2x3x3xi8>
    %2 = flow.dispatch @dispatch_0::@f_dispatch_0_elementwise_2x3x3_i8xf32xf32xf32(%1, %0) : (tensor<2x3x3xi8>, tensor<2x5x9xf32>) -> %0
    %3 = flow.tensor.reshape %2 : tensor<2x5x9xf32> -> tensor<2x5x3x3xf32>
    util.return %3 : tensor<2x5x3x3xf32>
  }
}
// case: a constant that is the same for all channels
// before
// as: an image without a batch
// - dense<[1.0, 2.0, 3.0]>
// + dense<2.0>
// after
// as: an image without a batch
// - [1.000000e+00, 2.000000e+00, 3.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00]
// + 2.000000e+00
// case: numbers that are used elsewhere too stay
// unchanged
// as: an image without a batch
// - tensor<5x4x3xf32> {
// + (tensor<5x4x3xf32>, tensor<6x3xf32>) {
// - %3 : tensor<5x4x3xf32>
// + %3, %0 : tensor<5x4x3xf32>, tensor<6x3xf32>
// case: an image that is used elsewhere too stays
// unchanged
// as: an image without a batch
// - tensor<5x4x3xf32> {
// + (tensor<5x4x3xf32>, tensor<3x2x3xf32>) {
// - %3 : tensor<5x4x3xf32>
// + %3, %1 : tensor<5x4x3xf32>, tensor<3x2x3xf32>
// case: what is padded with is used elsewhere too
// unchanged
// as: an image without a batch
// - tensor<5x4x3xf32> {
// + (tensor<5x4x3xf32>, tensor<5x4x3xf32>) {
// - %3 : tensor<5x4x3xf32>
// + %3, %2 : tensor<5x4x3xf32>, tensor<5x4x3xf32>
// case: a kernel that is dispatched elsewhere too stays
// unchanged
// as: an image without a batch
// - tensor<5x4x3xf32> {
// + (tensor<5x4x3xf32>, tensor<6x3xf32>) {
// - util.return %3 : tensor<5x4x3xf32>
// + %4 = flow.dispatch @dispatch_0::@f_dispatch_0_elementwise_6x3_i8xf32xf32xf32(%bytes) : (tensor<6x3xi8>) -> tensor<6x3xf32>
// + util.return %3, %4 : tensor<5x4x3xf32>, tensor<6x3xf32>
// case: an image whose channels are padded stays
// unchanged
// as: an image without a batch
// - 5x4x3xf32
// + 5x4x4xf32
// case: an image whose columns are spread stays
// unchanged
// as: an image without a batch
// - [1, 1, 1] : tensor
// + [1, 2, 1] : tensor
// case: a place that is known at run time alone
// unchanged
// as: an image without a batch
// - %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0,
// + %row = flow.dispatch.workgroup.id[0] : index
// + %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0,
// - 1, 1, 0
// + %row, 1, 0
// case: what is not only copied stays
// unchanged
// as: an image without a batch
// - iree_tensor_ext.dispatch.tensor.store %0, %arg1
// + %1 = tensor.empty() : tensor<3x2x3xf32>
// + %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%0 : tensor<3x2x3xf32>) outs(%1 : tensor<3x2x3xf32>) {
// + ^bb0(%in: f32, %out: f32):
// + %3 = arith.negf %in : f32
// + linalg.yield %3 : f32
// + } -> tensor<3x2x3xf32>
// + iree_tensor_ext.dispatch.tensor.store %2, %arg1
// case: what is copied into other numbers stays
// unchanged
// as: an image without a batch
// - %zero: f32
// + %zero: tensor<5x4x3xf32>
// - %2 = flow.tensor.splat %zero : tensor<5x4x3xf32>
// +
// - (%1, %2) : (tensor<3x2x3xf32>, tensor<5x4x3xf32>) -> %2
// + (%1, %zero) : (tensor<3x2x3xf32>, tensor<5x4x3xf32>) -> %zero
// case: another image stays
// unchanged
// as: an image without a batch
// - %zero: f32
// + %zero: f32, %image: tensor<6x3xf32>
// - %0 : tensor
// + %image : tensor
// case: a constant of each pixel stays
// unchanged
// as: an image without a batch
// - [1.0, 2.0, 3.0]> : tensor<3xf32
// + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]> : tensor<6xf32
// - d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0, %cst : tensor<6x3xi8>, tensor<3xf32
// + d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0, %cst : tensor<6x3xi8>, tensor<6xf32
// case: what is computed from zeros as well stays
// unchanged
// as: an image without a batch
// - %1 = tensor.empty
// + %zero = arith.constant 0.0 : f32
// + %1 = tensor.empty
// - %2 = linalg.generic
// + %new = linalg.fill ins(%zero : f32) outs(%1 : tensor<6x3xf32>) -> tensor<6x3xf32>
// + %2 = linalg.generic
// - tensor<3xf32>) outs(%1
// + tensor<3xf32>) outs(%new
// - %3, %in_0
// + %3, %out
// case: what depends on where a pixel lies stays
// unchanged
// as: an image without a batch
// - %4 = arith.mulf
// + %5 = linalg.index 0 : index
// + %6 = arith.index_cast %5 : index to i32
// + %7 = arith.sitofp %6 : i32 to f32
// + %4 = arith.mulf
// - %3, %in_0
// + %3, %7
// case: what are no bytes stays
// unchanged
// as: an image without a batch
// - 6x3xi8
// + 6x3xi16
// - : i8
// + : i16
// case: numbers of a half stay
// unchanged
// as: an image without a batch
// - 6x3xf32
// + 6x3xf16
// - 3xf32
// + 3xf16
// - : f32
// + : f16
// - to f32
// + to f16
