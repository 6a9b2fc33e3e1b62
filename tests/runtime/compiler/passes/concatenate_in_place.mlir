// case: two of one kernel, seen in another shape, beside what is copied
// before
module {
  flow.executable private @f_dispatch_0_elementwise_8x4_f32 {
    flow.executable.export public @f_dispatch_0_elementwise_8x4_f32
    builtin.module {
      func.func @f_dispatch_0_elementwise_8x4_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x4xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [8, 4], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x4xf32>> -> tensor<8x4xf32>
        %1 = tensor.empty() : tensor<8x4xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<8x4xf32>) outs(%1 : tensor<8x4xf32>) {
        ^bb0(%in: f32, %out: f32):
          %3 = arith.negf %in : f32
          linalg.yield %3 : f32
        } -> tensor<8x4xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0], sizes = [8, 4], strides = [1, 1] : tensor<8x4xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x4xf32>>
        return
      }
    }
  }
  flow.executable private @copy_0 {
    flow.executable.export public @copy_0
    builtin.module {
      func.func @copy_0(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>> -> tensor<2x4x4xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : tensor<2x4x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>
        return
      }
    }
  }
  flow.executable private @copy_1 {
    flow.executable.export public @copy_1
    builtin.module {
      func.func @copy_1(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x3xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 4, 3], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x3xf32>> -> tensor<2x4x3xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 4], sizes = [2, 4, 3], strides = [1, 1, 1] : tensor<2x4x3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>
        return
      }
    }
  }
  flow.executable private @copy_2 {
    flow.executable.export public @copy_2
    builtin.module {
      func.func @copy_2(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>> -> tensor<2x4x4xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 7], sizes = [2, 4, 4], strides = [1, 1, 1] : tensor<2x4x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<8x4xf32>, %arg1: tensor<2x4x3xf32>, %arg2: tensor<8x4xf32>) -> tensor<2x4x11xf32> {
    %0 = flow.dispatch @f_dispatch_0_elementwise_8x4_f32::@f_dispatch_0_elementwise_8x4_f32(%arg0) : (tensor<8x4xf32>) -> tensor<8x4xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x4xf32> -> tensor<2x4x4xf32>
    %2 = flow.dispatch @f_dispatch_0_elementwise_8x4_f32::@f_dispatch_0_elementwise_8x4_f32(%arg2) : (tensor<8x4xf32>) -> tensor<8x4xf32>
    %3 = flow.tensor.reshape %2 : tensor<8x4xf32> -> tensor<2x4x4xf32>
    %4 = flow.tensor.empty : tensor<2x4x11xf32>
    %5 = flow.dispatch @copy_0::@copy_0(%3, %4) : (tensor<2x4x4xf32>, tensor<2x4x11xf32>) -> %4
    %6 = flow.dispatch @copy_1::@copy_1(%arg1, %5) : (tensor<2x4x3xf32>, tensor<2x4x11xf32>) -> %5
    %7 = flow.dispatch @copy_2::@copy_2(%1, %6) : (tensor<2x4x4xf32>, tensor<2x4x11xf32>) -> %6
    util.return %7 : tensor<2x4x11xf32>
  }
}
// after
module {
  flow.executable private @part_0_f_dispatch_0_elementwise_8x4_f32 {
    flow.executable.export public @part_0_f_dispatch_0_elementwise_8x4_f32 
    builtin.module {
      func.func @part_0_f_dispatch_0_elementwise_8x4_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<8x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [8, 4], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x4xf32>> -> tensor<8x4xf32>
        %1 = tensor.empty() : tensor<8x4xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<8x4xf32>) outs(%1 : tensor<8x4xf32>) {
        ^bb0(%in: f32, %out: f32):
          %3 = arith.negf %in : f32
          linalg.yield %3 : f32
        } -> tensor<8x4xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 7], sizes = [8, 4], strides = [1, 1] : tensor<8x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<8x11xf32>>
        return
      }
    }
  }
  flow.executable private @part_1_f_dispatch_0_elementwise_8x4_f32 {
    flow.executable.export public @part_1_f_dispatch_0_elementwise_8x4_f32 
    builtin.module {
      func.func @part_1_f_dispatch_0_elementwise_8x4_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<8x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [8, 4], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x4xf32>> -> tensor<8x4xf32>
        %1 = tensor.empty() : tensor<8x4xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<8x4xf32>) outs(%1 : tensor<8x4xf32>) {
        ^bb0(%in: f32, %out: f32):
          %3 = arith.negf %in : f32
          linalg.yield %3 : f32
        } -> tensor<8x4xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0], sizes = [8, 4], strides = [1, 1] : tensor<8x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<8x11xf32>>
        return
      }
    }
  }
  flow.executable private @copy_1 {
    flow.executable.export public @copy_1 
    builtin.module {
      func.func @copy_1(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x3xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 4, 3], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x3xf32>> -> tensor<2x4x3xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 4], sizes = [2, 4, 3], strides = [1, 1, 1] : tensor<2x4x3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<8x4xf32>, %arg1: tensor<2x4x3xf32>, %arg2: tensor<8x4xf32>) -> tensor<2x4x11xf32> {
    %0 = flow.tensor.empty : tensor<2x4x11xf32>
    %1 = flow.tensor.reshape %0 : tensor<2x4x11xf32> -> tensor<8x11xf32>
    %2 = flow.dispatch @part_0_f_dispatch_0_elementwise_8x4_f32::@part_0_f_dispatch_0_elementwise_8x4_f32(%arg0, %1) : (tensor<8x4xf32>, tensor<8x11xf32>) -> %1
    %3 = flow.tensor.reshape %2 : tensor<8x11xf32> -> tensor<2x4x11xf32>
    %4 = flow.tensor.reshape %3 : tensor<2x4x11xf32> -> tensor<8x11xf32>
    %5 = flow.dispatch @part_1_f_dispatch_0_elementwise_8x4_f32::@part_1_f_dispatch_0_elementwise_8x4_f32(%arg2, %4) : (tensor<8x4xf32>, tensor<8x11xf32>) -> %4
    %6 = flow.tensor.reshape %5 : tensor<8x11xf32> -> tensor<2x4x11xf32>
    %7 = flow.dispatch @copy_1::@copy_1(%arg1, %6) : (tensor<2x4x3xf32>, tensor<2x4x11xf32>) -> %6
    util.return %7 : tensor<2x4x11xf32>
  }
}// case: the only part, of a kernel of its own
// before
module {
  flow.executable private @f_dispatch_0_elementwise_2x4x4_f32 {
    flow.executable.export public @f_dispatch_0_elementwise_2x4x4_f32
    builtin.module {
      func.func @f_dispatch_0_elementwise_2x4x4_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x4xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>> -> tensor<2x4x4xf32>
        %1 = tensor.empty() : tensor<2x4x4xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%0 : tensor<2x4x4xf32>) outs(%1 : tensor<2x4x4xf32>) {
        ^bb0(%in: f32, %out: f32):
          %3 = arith.negf %in : f32
          linalg.yield %3 : f32
        } -> tensor<2x4x4xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : tensor<2x4x4xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x4xf32>>
        return
      }
    }
  }
  flow.executable private @copy_0 {
    flow.executable.export public @copy_0
    builtin.module {
      func.func @copy_0(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>> -> tensor<2x4x4xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : tensor<2x4x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<2x4x4xf32>) -> tensor<2x4x11xf32> {
    %0 = flow.dispatch @f_dispatch_0_elementwise_2x4x4_f32::@f_dispatch_0_elementwise_2x4x4_f32(%arg0) : (tensor<2x4x4xf32>) -> tensor<2x4x4xf32>
    %1 = flow.tensor.empty : tensor<2x4x11xf32>
    %2 = flow.dispatch @copy_0::@copy_0(%0, %1) : (tensor<2x4x4xf32>, tensor<2x4x11xf32>) -> %1
    util.return %2 : tensor<2x4x11xf32>
  }
}
// after
module {
  flow.executable private @f_dispatch_0_elementwise_2x4x4_f32 {
    flow.executable.export public @f_dispatch_0_elementwise_2x4x4_f32 
    builtin.module {
      func.func @f_dispatch_0_elementwise_2x4x4_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x4xf32>> -> tensor<2x4x4xf32>
        %1 = tensor.empty() : tensor<2x4x4xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%0 : tensor<2x4x4xf32>) outs(%1 : tensor<2x4x4xf32>) {
        ^bb0(%in: f32, %out: f32):
          %3 = arith.negf %in : f32
          linalg.yield %3 : f32
        } -> tensor<2x4x4xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0, 0], sizes = [2, 4, 4], strides = [1, 1, 1] : tensor<2x4x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x4x11xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<2x4x4xf32>) -> tensor<2x4x11xf32> {
    %0 = flow.tensor.empty : tensor<2x4x11xf32>
    %1 = flow.dispatch @f_dispatch_0_elementwise_2x4x4_f32::@f_dispatch_0_elementwise_2x4x4_f32(%arg0, %0) : (tensor<2x4x4xf32>, tensor<2x4x11xf32>) -> %0
    util.return %1 : tensor<2x4x11xf32>
  }
}// case: something else reads it too
// unchanged
// as: the only part, of a kernel of its own
// - -> tensor<2x4x11xf32> {
// + -> (tensor<2x4x11xf32>, tensor<2x4x4xf32>) {
// - util.return %2 : tensor<2x4x11xf32>
// + util.return %2, %0 : tensor<2x4x11xf32>, tensor<2x4x4xf32>
// case: into an image that is filled
// unchanged
// as: the only part, of a kernel of its own
// - %1 = flow.tensor.empty
// + %cst = arith.constant 0.000000e+00 : f32
// + %1 = flow.tensor.splat %cst
// case: a convolution of one image
// unchanged
// as: the only part, of a kernel of its own
// - _elementwise_2x4x4_f32
// + _conv_2x4x4x3x3x3_f32
// case: a copy that leaves rows around it
// unchanged
// as: the only part, of a kernel of its own
// - 2x4x11xf32
// + 2x5x11xf32
