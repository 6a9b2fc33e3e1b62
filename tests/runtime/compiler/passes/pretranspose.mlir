// case: one executable transposes the matrices of two dispatches
// before
module {
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x24xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [64, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>> -> tensor<64x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [24, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x8xf32>> -> tensor<24x8xf32>
        %2 = tensor.empty() : tensor<64x24xf32>
        %3 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<64x8xf32>, tensor<24x8xf32>) outs(%2 : tensor<64x24xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %4 = arith.mulf %in, %in_0 : f32
          %5 = arith.addf %out, %4 : f32
          linalg.yield %5 : f32
        } -> tensor<64x24xf32>
        iree_tensor_ext.dispatch.tensor.store %3, %arg2, offsets = [0, 0], sizes = [64, 24], strides = [1, 1] : tensor<64x24xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x24xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<24x8xf32>, %arg2: tensor<24x8xf32>) -> (tensor<64x24xf32>, tensor<64x24xf32>) {
    %0 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<24x8xf32>) -> tensor<64x24xf32>
    %1 = flow.dispatch @matmul::@matmul(%arg0, %arg2) : (tensor<64x8xf32>, tensor<24x8xf32>) -> tensor<64x24xf32>
    util.return %0, %1 : tensor<64x24xf32>, tensor<64x24xf32>
  }
}
// after
module {
  flow.executable private @turned_24x8xf32 {
    flow.executable.export public @turned_24x8xf32 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @turned_24x8xf32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x24xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [24, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x8xf32>> -> tensor<24x8xf32>
        %1 = tensor.empty() : tensor<8x24xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<24x8xf32>) outs(%1 : tensor<8x24xf32>) {
        ^bb0(%in: f32, %out: f32):
          linalg.yield %in : f32
        } -> tensor<8x24xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0], sizes = [8, 24], strides = [1, 1] : tensor<8x24xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x24xf32>>
        return
      }
    }
  }
  // as: @matmul
  // - 24x8xf32
  // + 8x24xf32
  // - [24, 8]
  // + [8, 24]
  // - (d1, d2)
  // + (d2, d1)
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<24x8xf32>, %arg2: tensor<24x8xf32>) -> (tensor<64x24xf32>, tensor<64x24xf32>) {
    %0 = flow.dispatch @turned_24x8xf32::@turned_24x8xf32(%arg1) : (tensor<24x8xf32>) -> tensor<8x24xf32>
    %1 = flow.dispatch @matmul::@matmul(%arg0, %0) : (tensor<64x8xf32>, tensor<8x24xf32>) -> tensor<64x24xf32>
    %2 = flow.dispatch @turned_24x8xf32::@turned_24x8xf32(%arg2) : (tensor<24x8xf32>) -> tensor<8x24xf32>
    %3 = flow.dispatch @matmul::@matmul(%arg0, %2) : (tensor<64x8xf32>, tensor<8x24xf32>) -> tensor<64x24xf32>
    util.return %1, %3 : tensor<64x24xf32>, tensor<64x24xf32>
  }
}
// case: a matrix that is read along its columns
// unchanged
// as: one executable transposes the matrices of two dispatches
// - 24x8xf32
// + 8x24xf32
// - [24, 8]
// + [8, 24]
// - (d1, d2)
// + (d2, d1)
// - <8x24xf32>, %arg2: tensor<8x24xf32>) -> (tensor<64x24xf32>, tensor<64x24xf32>)
// + <8x24xf32>) -> tensor<64x24xf32>
// - %1 = flow.dispatch @matmul::@matmul(%arg0, %arg2) : (tensor<64x8xf32>, tensor<8x24xf32>) -> tensor<64x24xf32>
// +
// - %0, %1 : tensor<64x24xf32>, tensor<64x24xf32>
// + %0 : tensor<64x24xf32>
// case: an image of few rows
// unchanged
// as: one executable transposes the matrices of two dispatches
// - 64x24xf32
// + 63x24xf32
// - 64x8xf32
// + 63x8xf32
// - 0, 0], sizes = [64
// + 0, 0], sizes = [63
// - <24x8xf32>, %arg2: tensor<24x8xf32>) -> (tensor<63x24xf32>, tensor<63x24xf32>)
// + <24x8xf32>) -> tensor<63x24xf32>
// - %1 = flow.dispatch @matmul::@matmul(%arg0, %arg2) : (tensor<63x8xf32>, tensor<24x8xf32>) -> tensor<63x24xf32>
// +
// - %0, %1 : tensor<63x24xf32>, tensor<63x24xf32>
// + %0 : tensor<63x24xf32>
// case: a part of a matrix
// unchanged
module {
  // as: @matmul
  // - readonly:tensor<24x8xf32>
  // + readonly:tensor<25x8xf32>
  // - 0, 0], sizes = [24
  // + 1, 0], sizes = [24
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<25x8xf32>) -> tensor<64x24xf32> {
    %0 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<25x8xf32>) -> tensor<64x24xf32>
    util.return %0 : tensor<64x24xf32>
  }
}
// case: a matrix that is used twice
// unchanged
// as: one executable transposes the matrices of two dispatches
// - <writeonly:tensor<64x24xf32>>)
// + <writeonly:tensor<64x24xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<24x8xf32>>)
// - iree_tensor_ext.dispatch.tensor.store %3
// + iree_tensor_ext.dispatch.tensor.store %1, %arg3, offsets = [0, 0], sizes = [24, 8], strides = [1, 1] : tensor<24x8xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<24x8xf32>>
// + iree_tensor_ext.dispatch.tensor.store %3
// - <24x8xf32>, %arg2: tensor<24x8xf32>) -> (tensor<64x24xf32>, tensor<64x24xf32>)
// + <24x8xf32>) -> tensor<64x24xf32>
// - %0 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<24x8xf32>) -> tensor<64x24xf32>
// +
// - %1 = flow.dispatch @matmul::@matmul(%arg0, %arg2) : (tensor<64x8xf32>, tensor<24x8xf32>) -> tensor<64x24xf32>
// + %0:2 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<24x8xf32>) -> (tensor<64x24xf32>, tensor<24x8xf32>)
// - %0, %1 : tensor<64x24xf32>, tensor<64x24xf32>
// + %0#0 : tensor<64x24xf32>
// case: a matrix that is loaded twice
// unchanged
module {
  // as: @matmul
  // - <writeonly:tensor<64x24xf32>>)
  // + <writeonly:tensor<64x24xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<24x8xf32>>)
  // - iree_tensor_ext.dispatch.tensor.store %3
  // + %new = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [24, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x8xf32>> -> tensor<24x8xf32>
  // + iree_tensor_ext.dispatch.tensor.store %new, %arg3, offsets = [0, 0], sizes = [24, 8], strides = [1, 1] : tensor<24x8xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<24x8xf32>>
  // + iree_tensor_ext.dispatch.tensor.store %3
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<24x8xf32>) -> tensor<64x24xf32> {
    %0:2 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<24x8xf32>) -> (tensor<64x24xf32>, tensor<24x8xf32>)
    util.return %0#0 : tensor<64x24xf32>
  }
}
// case: a matrix that is computed in the same dispatch
// unchanged
module {
  // as: @matmul
  // - %2 = tensor.empty
  // + %new = tensor.empty() : tensor<24x8xf32>
  // + %new_2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<24x8xf32>) outs(%new : tensor<24x8xf32>) {
  // + ^bb0(%new_3: f32, %new_4: f32):
  // + %6 = arith.negf %new_3 : f32
  // + linalg.yield %6 : f32
  // + } -> tensor<24x8xf32>
  // + %2 = tensor.empty
  // - %0, %1
  // + %0, %new_2
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<24x8xf32>) -> tensor<64x24xf32> {
    %0 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<24x8xf32>) -> tensor<64x24xf32>
    util.return %0 : tensor<64x24xf32>
  }
}
