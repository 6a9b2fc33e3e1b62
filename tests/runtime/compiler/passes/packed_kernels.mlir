// case: a matmul: what transposed its weights goes
// before
module {
  flow.executable private @transpose {
    flow.executable.export public @transpose
    builtin.module {
      func.func @transpose(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x8x16xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x2x16xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 8, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x8x16xf32>> -> tensor<2x8x16xf32>
        %1 = tensor.empty() : tensor<8x2x16xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d0, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%0 : tensor<2x8x16xf32>) outs(%1 : tensor<8x2x16xf32>) {
        ^bb0(%in: f32, %out: f32):
          linalg.yield %in : f32
        } -> tensor<8x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0, 0], sizes = [8, 2, 16], strides = [1, 1, 1] : tensor<8x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x2x16xf32>>
        return
      }
    }
  }
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [64, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>> -> tensor<64x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %2 = tensor.empty() : tensor<64x32xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<64x32xf32>) -> tensor<64x32xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<64x8xf32>, tensor<8x32xf32>) outs(%3 : tensor<64x32xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<64x32xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0], sizes = [64, 32], strides = [1, 1] : tensor<64x32xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<2x8x16xf32>) -> tensor<64x32xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<2x8x16xf32>) -> tensor<8x2x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x2x16xf32> -> tensor<8x32xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %1) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
    util.return %2 : tensor<64x32xf32>
  }
}
// after
module {
  // as: @matmul
  // - 64x32xf32
  // + 64x2x16xf32
  // - 8x32xf32
  // + 2x8x16xf32
  // - 0], sizes = [8, 32], strides = [1
  // + 0, 0], sizes = [2, 8, 16], strides = [1, 1
  // - (d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["
  // + (d0, d1, d2, d3) -> (d0, d3)>, affine_map<(d0, d1, d2, d3) -> (d1, d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "
  // - 0], sizes = [64, 32], strides = [1
  // + 0, 0], sizes = [64, 2, 16], strides = [1, 1
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<2x8x16xf32>) -> tensor<64x32xf32> {
    %0 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<2x8x16xf32>) -> tensor<64x32xf32>
    util.return %0 : tensor<64x32xf32>
  }
}
// case: an epilogue whose result is stored into a padded image
// before
module {
  // as: @transpose
  // - 8x2x16xf32
  // + 8x4x16xf32
  // - 2x8x16xf32
  // + 4x8x16xf32
  // - 2, 8, 16
  // + 4, 8, 16
  // - 8, 2, 16
  // + 8, 4, 16
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x64xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4xf32>>, %arg4: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x64xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [4, 4, 8], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x8xf32>> -> tensor<4x4x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 64], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x64xf32>> -> tensor<8x64xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0], sizes = [64], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64xf32>> -> tensor<64xf32>
        %3 = iree_tensor_ext.dispatch.tensor.load %arg3, offsets = [0, 0], sizes = [4, 4], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4xf32>> -> tensor<4x4xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %4 = tensor.empty() : tensor<4x4x64xf32>
        %5 = linalg.fill ins(%cst : f32) outs(%4 : tensor<4x4x64xf32>) -> tensor<4x4x64xf32>
        %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<4x4x8xf32>, tensor<8x64xf32>) outs(%5 : tensor<4x4x64xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %9 = arith.mulf %in, %in_0 : f32
          %10 = arith.addf %out, %9 : f32
          linalg.yield %10 : f32
        } -> tensor<4x4x64xf32>
        %7 = iree_tensor_ext.dispatch.tensor.load %arg4, offsets = [1, 1, 0], sizes = [4, 4, 64], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x64xf32>> -> tensor<4x4x64xf32>
        %8 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%6, %2, %3 : tensor<4x4x64xf32>, tensor<64xf32>, tensor<4x4xf32>) outs(%7 : tensor<4x4x64xf32>) {
        ^bb0(%in: f32, %in_0: f32, %in_1: f32, %out: f32):
          %9 = arith.addf %in, %in_0 : f32
          %10 = arith.addf %9, %in_1 : f32
          linalg.yield %10 : f32
        } -> tensor<4x4x64xf32>
        iree_tensor_ext.dispatch.tensor.store %8, %arg4, offsets = [1, 1, 0], sizes = [4, 4, 64], strides = [1, 1, 1] : tensor<4x4x64xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x64xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<4x4x8xf32>, %arg1: tensor<4x8x16xf32>, %arg2: tensor<64xf32>, %arg3: tensor<4x4xf32>, %arg4: tensor<6x6x64xf32>) -> tensor<6x6x64xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<4x8x16xf32>) -> tensor<8x4x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x4x16xf32> -> tensor<8x64xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %1, %arg2, %arg3, %arg4) : (tensor<4x4x8xf32>, tensor<8x64xf32>, tensor<64xf32>, tensor<4x4xf32>, tensor<6x6x64xf32>) -> %arg4
    util.return %2 : tensor<6x6x64xf32>
  }
}
// after
module {
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x8x16xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4xf32>>, %arg4: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x4x16xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [4, 4, 8], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x8xf32>> -> tensor<4x4x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0, 0], sizes = [4, 8, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x8x16xf32>> -> tensor<4x8x16xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %3 = iree_tensor_ext.dispatch.tensor.load %arg3, offsets = [0, 0], sizes = [4, 4], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4xf32>> -> tensor<4x4xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %4 = tensor.empty() : tensor<4x4x4x16xf32>
        %5 = linalg.fill ins(%cst : f32) outs(%4 : tensor<4x4x4x16xf32>) -> tensor<4x4x4x16xf32>
        %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d2, d4, d3)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<4x4x8xf32>, tensor<4x8x16xf32>) outs(%5 : tensor<4x4x4x16xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %9 = arith.mulf %in, %in_0 : f32
          %10 = arith.addf %out, %9 : f32
          linalg.yield %10 : f32
        } -> tensor<4x4x4x16xf32>
        %7 = iree_tensor_ext.dispatch.tensor.load %arg4, offsets = [1, 1, 0, 0], sizes = [4, 4, 4, 16], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x4x16xf32>> -> tensor<4x4x4x16xf32>
        %8 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%6, %2, %3 : tensor<4x4x4x16xf32>, tensor<4x16xf32>, tensor<4x4xf32>) outs(%7 : tensor<4x4x4x16xf32>) {
        ^bb0(%in: f32, %in_0: f32, %in_1: f32, %out: f32):
          %9 = arith.addf %in, %in_0 : f32
          %10 = arith.addf %9, %in_1 : f32
          linalg.yield %10 : f32
        } -> tensor<4x4x4x16xf32>
        iree_tensor_ext.dispatch.tensor.store %8, %arg4, offsets = [1, 1, 0, 0], sizes = [4, 4, 4, 16], strides = [1, 1, 1, 1] : tensor<4x4x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x4x16xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<4x4x8xf32>, %arg1: tensor<4x8x16xf32>, %arg2: tensor<64xf32>, %arg3: tensor<4x4xf32>, %arg4: tensor<6x6x64xf32>) -> tensor<6x6x64xf32> {
    %0 = flow.dispatch @matmul::@matmul(%arg0, %arg1, %arg2, %arg3, %arg4) : (tensor<4x4x8xf32>, tensor<4x8x16xf32>, tensor<64xf32>, tensor<4x4xf32>, tensor<6x6x64xf32>) -> %arg4
    util.return %0 : tensor<6x6x64xf32>
  }
}
// case: tiles of less than a panel become tiles of one, tiles of several as many as divide them
// before
module {
  // as: @transpose
  // - 8x2x16xf32
  // + 8x4x16xf32
  // - 2x8x16xf32
  // + 4x8x16xf32
  // - 2, 8, 16
  // + 4, 8, 16
  // - 8, 2, 16
  // + 8, 4, 16
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x64xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4xf32>>, %arg4: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x64xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [4, 4, 8], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x8xf32>> -> tensor<4x4x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 64], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x64xf32>> -> tensor<8x64xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0], sizes = [64], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64xf32>> -> tensor<64xf32>
        %3 = iree_tensor_ext.dispatch.tensor.load %arg3, offsets = [0, 0], sizes = [4, 4], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4xf32>> -> tensor<4x4xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %4 = tensor.empty() : tensor<4x4x64xf32>
        %5 = linalg.fill ins(%cst : f32) outs(%4 : tensor<4x4x64xf32>) -> tensor<4x4x64xf32>
        %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<4x4x8xf32>, tensor<8x64xf32>) outs(%5 : tensor<4x4x64xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 4, 48, 0], vector_common_parallel = [1, 4, 32, 0], vector_reduction = [0, 0, 0, 1]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>, {enable_loop_peeling}>>} {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %9 = arith.mulf %in, %in_0 : f32
          %10 = arith.addf %out, %9 : f32
          linalg.yield %10 : f32
        } -> tensor<4x4x64xf32>
        %7 = iree_tensor_ext.dispatch.tensor.load %arg4, offsets = [1, 1, 0], sizes = [4, 4, 64], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x64xf32>> -> tensor<4x4x64xf32>
        %8 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%6, %2, %3 : tensor<4x4x64xf32>, tensor<64xf32>, tensor<4x4xf32>) outs(%7 : tensor<4x4x64xf32>) attrs =  {lowering_config = #iree_cpu.lowering_config<distribution = [1, 4, 8], vector_common_parallel = [1, 4, 4]>} {
        ^bb0(%in: f32, %in_0: f32, %in_1: f32, %out: f32):
          %9 = arith.addf %in, %in_0 : f32
          %10 = arith.addf %9, %in_1 : f32
          linalg.yield %10 : f32
        } -> tensor<4x4x64xf32>
        iree_tensor_ext.dispatch.tensor.store %8, %arg4, offsets = [1, 1, 0], sizes = [4, 4, 64], strides = [1, 1, 1] : tensor<4x4x64xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x64xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<4x4x8xf32>, %arg1: tensor<4x8x16xf32>, %arg2: tensor<64xf32>, %arg3: tensor<4x4xf32>, %arg4: tensor<6x6x64xf32>) -> tensor<6x6x64xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<4x8x16xf32>) -> tensor<8x4x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x4x16xf32> -> tensor<8x64xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %1, %arg2, %arg3, %arg4) : (tensor<4x4x8xf32>, tensor<8x64xf32>, tensor<64xf32>, tensor<4x4xf32>, tensor<6x6x64xf32>) -> %arg4
    util.return %2 : tensor<6x6x64xf32>
  }
}
// after
// as: an epilogue whose result is stored into a padded image
// - outs(%5 : tensor<4x4x4x16xf32>) {
// + outs(%5 : tensor<4x4x4x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 4, 2, 16, 0], vector_common_parallel = [1, 4, 2, 16, 0], vector_reduction = [0, 0, 0, 0, 1]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>, {enable_loop_peeling}>>} {
// - outs(%7 : tensor<4x4x4x16xf32>) {
// + outs(%7 : tensor<4x4x4x16xf32>) attrs =  {lowering_config = #iree_cpu.lowering_config<distribution = [1, 4, 1, 16], vector_common_parallel = [1, 4, 1, 4]>} {
// case: tiles of a part of a panel
// before
module {
  // as: @transpose
  // - 8x2x16xf32
  // + 8x4x16xf32
  // - 2x8x16xf32
  // + 4x8x16xf32
  // - 2, 8, 16
  // + 4, 8, 16
  // - 8, 2, 16
  // + 8, 4, 16
  // as: @matmul
  // - 48, 0], vector_common_parallel = [1, 4, 32
  // + 8, 0], vector_common_parallel = [1, 4, 8
  util.func public @f(%arg0: tensor<4x4x8xf32>, %arg1: tensor<4x8x16xf32>, %arg2: tensor<64xf32>, %arg3: tensor<4x4xf32>, %arg4: tensor<6x6x64xf32>) -> tensor<6x6x64xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<4x8x16xf32>) -> tensor<8x4x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x4x16xf32> -> tensor<8x64xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %1, %arg2, %arg3, %arg4) : (tensor<4x4x8xf32>, tensor<8x64xf32>, tensor<64xf32>, tensor<4x4xf32>, tensor<6x6x64xf32>) -> %arg4
    util.return %2 : tensor<6x6x64xf32>
  }
}
// after
// as: an epilogue whose result is stored into a padded image
// - outs(%5 : tensor<4x4x4x16xf32>) {
// + outs(%5 : tensor<4x4x4x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 4, 1, 16, 0], vector_common_parallel = [1, 4, 1, 8, 0], vector_reduction = [0, 0, 0, 0, 1]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>, {enable_loop_peeling}>>} {
// - outs(%7 : tensor<4x4x4x16xf32>) {
// + outs(%7 : tensor<4x4x4x16xf32>) attrs =  {lowering_config = #iree_cpu.lowering_config<distribution = [1, 4, 1, 16], vector_common_parallel = [1, 4, 1, 4]>} {
// case: two weights, packed alike, of one executable
// before
// as: a matmul: what transposed its weights goes
// - <2x8x16xf32>) -> tensor<64x32xf32>
// + <2x8x16xf32>, %arg2: tensor<2x8x16xf32>) -> (tensor<64x32xf32>, tensor<64x32xf32>)
// - util.return %2 : tensor<64x32xf32>
// + %3 = flow.dispatch @transpose::@transpose(%arg2) : (tensor<2x8x16xf32>) -> tensor<8x2x16xf32>
// + %4 = flow.tensor.reshape %3 : tensor<8x2x16xf32> -> tensor<8x32xf32>
// + %5 = flow.dispatch @matmul::@matmul(%arg0, %4) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
// + util.return %2, %5 : tensor<64x32xf32>, tensor<64x32xf32>
// after
module {
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x8x16xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x2x16xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [64, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>> -> tensor<64x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0, 0], sizes = [2, 8, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x8x16xf32>> -> tensor<2x8x16xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %2 = tensor.empty() : tensor<64x2x16xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<64x2x16xf32>) -> tensor<64x2x16xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3)>, affine_map<(d0, d1, d2, d3) -> (d1, d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<64x8xf32>, tensor<2x8x16xf32>) outs(%3 : tensor<64x2x16xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<64x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [64, 2, 16], strides = [1, 1, 1] : tensor<64x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x2x16xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<2x8x16xf32>, %arg2: tensor<2x8x16xf32>) -> (tensor<64x32xf32>, tensor<64x32xf32>) {
    %0 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<2x8x16xf32>) -> tensor<64x32xf32>
    %1 = flow.dispatch @matmul::@matmul(%arg0, %arg2) : (tensor<64x8xf32>, tensor<2x8x16xf32>) -> tensor<64x32xf32>
    util.return %0, %1 : tensor<64x32xf32>, tensor<64x32xf32>
  }
}
// case: a matrix that is a result too
// before
// as: a matmul: what transposed its weights goes
// - tensor<64x32xf32> {
// + (tensor<64x32xf32>, tensor<8x32xf32>) {
// - util.return %2 : tensor<64x32xf32>
// + util.return %2, %1 : tensor<64x32xf32>, tensor<8x32xf32>
// after
module {
  // as: @transpose
  // as: @matmul
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<2x8x16xf32>) -> (tensor<64x32xf32>, tensor<8x32xf32>) {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<2x8x16xf32>) -> tensor<8x2x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x2x16xf32> -> tensor<8x32xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<64x8xf32>, tensor<2x8x16xf32>) -> tensor<64x32xf32>
    util.return %2, %1 : tensor<64x32xf32>, tensor<8x32xf32>
  }
}
// case: one dispatch has weights that are not packed
// unchanged
// as: a matmul: what transposed its weights goes
// - <2x8x16xf32>) -> tensor<64x32xf32>
// + <2x8x16xf32>, %arg2: tensor<8x32xf32>) -> (tensor<64x32xf32>, tensor<64x32xf32>)
// - util.return %2 : tensor<64x32xf32>
// + %3 = flow.dispatch @matmul::@matmul(%arg0, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
// + util.return %2, %3 : tensor<64x32xf32>, tensor<64x32xf32>
// case: a transpose that computes
// unchanged
// as: a matmul: what transposed its weights goes
// - linalg.yield %in
// + %3 = arith.negf %in : f32
// + linalg.yield %3
// case: a transpose that fills
// unchanged
// as: a matmul: what transposed its weights goes
// - %2 = linalg.generic
// + %cst = arith.constant 0.000000e+00 : f32
// + %new = linalg.fill ins(%cst : f32) outs(%1 : tensor<8x2x16xf32>) -> tensor<8x2x16xf32>
// + %2 = linalg.generic
// - (%1 : tensor<8x2x16xf32>) {
// + (%new : tensor<8x2x16xf32>) {
// case: a transpose of other axes
// unchanged
// as: a matmul: what transposed its weights goes
// - 8x2x16xf32
// + 2x16x8xf32
// - d1, d0, d2
// + d0, d2, d1
// - 8, 2, 16
// + 2, 16, 8
// case: a matrix of other sizes
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x32xf32
// + 64x16xf32
// - 64x8xf32
// + 64x16xf32
// - 8x32xf32
// + 16x16xf32
// - [64, 8]
// + [64, 16]
// - [8, 32]
// + [16, 16]
// - 64, 32
// + 64, 16
// case: weights that are copied before
// unchanged
// as: a matmul: what transposed its weights goes
// - %1 = flow.tensor.reshape %0
// + %new = flow.tensor.clone %0 : tensor<8x2x16xf32>
// + %1 = flow.tensor.reshape %new
// case: a matrix that another dispatch computes
// unchanged
// as: a matmul: what transposed its weights goes
// - util.func public
// + flow.executable private @negate {
// + flow.executable.export public @negate
// + builtin.module {
// + func.func @negate(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x2x16xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x32xf32>>) {
// + return
// + }
// + }
// + }
// + util.func public
// - %1 = flow.tensor.reshape %0 : tensor<8x2x16xf32>
// + %new = flow.dispatch @negate::@negate(%0) : (tensor<8x2x16xf32>)
// - %arg0, %1
// + %arg0, %new
// case: a matrix that is read along its rows
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x32xf32
// + 64x8xf32
// - readonly:tensor<64x8xf32>
// + readonly:tensor<64x32xf32>
// - [64, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x32xf32>> -> tensor<64x8xf32>
// + [64, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x32xf32>> -> tensor<64x32xf32>
// - <64x8xf32>,
// + <64x32xf32>,
// - d2, d1
// + d1, d2
// - [64, 32], strides = [1, 1] : tensor<
// + [64, 8], strides = [1, 1] : tensor<
// case: rows of a matrix
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x8xf32
// + 64x4xf32
// - [64, 8]
// + [64, 4]
// - [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
// + [4, 0], sizes = [4, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<4x32xf32>
// - <8x32xf32>) outs(%3
// + <4x32xf32>) outs(%3
// case: columns of a matrix
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x32xf32
// + 64x16xf32
// - [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
// + [0, 16], sizes = [8, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x16xf32>
// - <8x32xf32>) outs(%3
// + <8x16xf32>) outs(%3
// - 64, 32
// + 64, 16
// case: a matrix that is loaded twice
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x32xf32
// + 8x32xf32
// - 64x8xf32
// + 8x8xf32
// - 0, 0], sizes = [64
// + 0, 0], sizes = [8
// - %1 = iree_tensor_ext.dispatch.tensor.load
// + %new = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
// + %1 = iree_tensor_ext.dispatch.tensor.load
// - %0, %1
// + %0, %new
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2
// + %new_2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%4, %1 : tensor<8x32xf32>, tensor<8x32xf32>) outs(%2 : tensor<8x32xf32>) {
// + ^bb0(%new_3: f32, %new_4: f32, %new_5: f32):
// + %7 = arith.addf %new_3, %new_4 : f32
// + linalg.yield %7 : f32
// + } -> tensor<8x32xf32>
// + iree_tensor_ext.dispatch.tensor.store %new_2, %arg2
// case: a matrix that is added, too
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x32xf32
// + 8x32xf32
// - 64x8xf32
// + 8x8xf32
// - 0, 0], sizes = [64
// + 0, 0], sizes = [8
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2
// + %new = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%4, %1 : tensor<8x32xf32>, tensor<8x32xf32>) outs(%2 : tensor<8x32xf32>) {
// + ^bb0(%new_2: f32, %new_3: f32, %new_4: f32):
// + %new_5 = arith.addf %new_2, %new_3 : f32
// + linalg.yield %new_5 : f32
// + } -> tensor<8x32xf32>
// + iree_tensor_ext.dispatch.tensor.store %new, %arg2
// case: numbers that are added to rows as columns
// unchanged
module {
  // as: @transpose
  // - 8x2x16xf32
  // + 8x2x4xf32
  // - 2x8x16xf32
  // + 2x8x4xf32
  // - 16], strides = [1, 1
  // + 4], strides = [1, 1
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x8xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [8, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>> -> tensor<8x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>> -> tensor<8x8xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0, 0], sizes = [8, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>> -> tensor<8x8xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %3 = tensor.empty() : tensor<8x8xf32>
        %4 = linalg.fill ins(%cst : f32) outs(%3 : tensor<8x8xf32>) -> tensor<8x8xf32>
        %5 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<8x8xf32>, tensor<8x8xf32>) outs(%4 : tensor<8x8xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %7 = arith.mulf %in, %in_0 : f32
          %8 = arith.addf %out, %7 : f32
          linalg.yield %8 : f32
        } -> tensor<8x8xf32>
        %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%5, %2 : tensor<8x8xf32>, tensor<8x8xf32>) outs(%3 : tensor<8x8xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %7 = arith.addf %in, %in_0 : f32
          linalg.yield %7 : f32
        } -> tensor<8x8xf32>
        iree_tensor_ext.dispatch.tensor.store %6, %arg3, offsets = [0, 0], sizes = [8, 8], strides = [1, 1] : tensor<8x8xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x8xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<8x8xf32>, %arg1: tensor<2x8x4xf32>, %arg2: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<2x8x4xf32>) -> tensor<8x2x4xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x2x4xf32> -> tensor<8x8xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %1, %arg2) : (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    util.return %2 : tensor<8x8xf32>
  }
}
// case: numbers that are added to rows and to columns
// unchanged
module {
  // as: @transpose
  // - 8x2x16xf32
  // + 8x2x4xf32
  // - 2x8x16xf32
  // + 2x8x4xf32
  // - 16], strides = [1, 1
  // + 4], strides = [1, 1
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x8xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [8, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>> -> tensor<8x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>> -> tensor<8x8xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0], sizes = [8], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8xf32>> -> tensor<8xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %3 = tensor.empty() : tensor<8x8xf32>
        %4 = linalg.fill ins(%cst : f32) outs(%3 : tensor<8x8xf32>) -> tensor<8x8xf32>
        %5 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<8x8xf32>, tensor<8x8xf32>) outs(%4 : tensor<8x8xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %7 = arith.mulf %in, %in_0 : f32
          %8 = arith.addf %out, %7 : f32
          linalg.yield %8 : f32
        } -> tensor<8x8xf32>
        %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%5, %2, %2 : tensor<8x8xf32>, tensor<8xf32>, tensor<8xf32>) outs(%3 : tensor<8x8xf32>) {
        ^bb0(%in: f32, %in_0: f32, %in_1: f32, %out: f32):
          %7 = arith.addf %in, %in_0 : f32
          %8 = arith.addf %7, %in_1 : f32
          linalg.yield %8 : f32
        } -> tensor<8x8xf32>
        iree_tensor_ext.dispatch.tensor.store %6, %arg3, offsets = [0, 0], sizes = [8, 8], strides = [1, 1] : tensor<8x8xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x8xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<8x8xf32>, %arg1: tensor<2x8x4xf32>, %arg2: tensor<8xf32>) -> tensor<8x8xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<2x8x4xf32>) -> tensor<8x2x4xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x2x4xf32> -> tensor<8x8xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %1, %arg2) : (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<8x8xf32>
    util.return %2 : tensor<8x8xf32>
  }
}
// case: packed weights that are added to another product
// unchanged
module {
  // as: @transpose
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x32xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [8, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8xf32>> -> tensor<8x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %3 = tensor.empty() : tensor<8x32xf32>
        %4 = linalg.fill ins(%cst : f32) outs(%3 : tensor<8x32xf32>) -> tensor<8x32xf32>
        %5 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<8x8xf32>, tensor<8x32xf32>) outs(%4 : tensor<8x32xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %7 = arith.mulf %in, %in_0 : f32
          %8 = arith.addf %out, %7 : f32
          linalg.yield %8 : f32
        } -> tensor<8x32xf32>
        %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%5, %2 : tensor<8x32xf32>, tensor<8x32xf32>) outs(%3 : tensor<8x32xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %7 = arith.addf %in, %in_0 : f32
          linalg.yield %7 : f32
        } -> tensor<8x32xf32>
        iree_tensor_ext.dispatch.tensor.store %6, %arg3, offsets = [0, 0], sizes = [8, 32], strides = [1, 1] : tensor<8x32xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x32xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<8x8xf32>, %arg1: tensor<2x8x16xf32>, %arg2: tensor<8x32xf32>) -> tensor<8x32xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<2x8x16xf32>) -> tensor<8x2x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x2x16xf32> -> tensor<8x32xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %arg2, %1) : (tensor<8x8xf32>, tensor<8x32xf32>, tensor<8x32xf32>) -> tensor<8x32xf32>
    util.return %2 : tensor<8x32xf32>
  }
}
// case: both operands are packed weights
// unchanged
module {
  // as: @transpose
  // - 8x2x16xf32
  // + 32x2x16xf32
  // - 2x8x16xf32
  // + 2x32x16xf32
  // - 2, 8, 16
  // + 2, 32, 16
  // - 8, 2, 16
  // + 32, 2, 16
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<32x32xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<32x32xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<32x32xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [32, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<32x32xf32>> -> tensor<32x32xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [32, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<32x32xf32>> -> tensor<32x32xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %2 = tensor.empty() : tensor<32x32xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<32x32xf32>) -> tensor<32x32xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<32x32xf32>, tensor<32x32xf32>) outs(%3 : tensor<32x32xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<32x32xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0], sizes = [32, 32], strides = [1, 1] : tensor<32x32xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<32x32xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<32x32xf32>, %arg1: tensor<2x32x16xf32>) -> tensor<32x32xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<2x32x16xf32>) -> tensor<32x2x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<32x2x16xf32> -> tensor<32x32xf32>
    %2 = flow.dispatch @matmul::@matmul(%1, %1) : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xf32>
    util.return %2 : tensor<32x32xf32>
  }
}
// case: a matrix whose rows are those of the result
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x32xf32
// + 8x32xf32
// - 64x8xf32
// + 8x16xf32
// - [64, 8]
// + [8, 16]
// - d2, d1
// + d0, d1
// - [64, 32]
// + [8, 32]
// case: a sum of products of three
// unchanged
module {
  // as: @transpose
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [64, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>> -> tensor<64x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0], sizes = [8], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8xf32>> -> tensor<8xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %3 = tensor.empty() : tensor<64x32xf32>
        %4 = linalg.fill ins(%cst : f32) outs(%3 : tensor<64x32xf32>) -> tensor<64x32xf32>
        %5 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1, %2 : tensor<64x8xf32>, tensor<8x32xf32>, tensor<8xf32>) outs(%4 : tensor<64x32xf32>) {
        ^bb0(%in: f32, %in_0: f32, %in_1: f32, %out: f32):
          %6 = arith.mulf %in, %in_0 : f32
          %7 = arith.addf %out, %6 : f32
          linalg.yield %7 : f32
        } -> tensor<64x32xf32>
        iree_tensor_ext.dispatch.tensor.store %5, %arg3, offsets = [0, 0], sizes = [64, 32], strides = [1, 1] : tensor<64x32xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<64x8xf32>, %arg1: tensor<2x8x16xf32>, %arg2: tensor<8xf32>) -> tensor<64x32xf32> {
    %0 = flow.dispatch @transpose::@transpose(%arg1) : (tensor<2x8x16xf32>) -> tensor<8x2x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<8x2x16xf32> -> tensor<8x32xf32>
    %2 = flow.dispatch @matmul::@matmul(%arg0, %1, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>, tensor<8xf32>) -> tensor<64x32xf32>
    util.return %2 : tensor<64x32xf32>
  }
}
// case: a matmul that adds to another
// unchanged
// as: a matmul: what transposed its weights goes
// - <writeonly:tensor<64x32xf32>>)
// + <readonly:tensor<8x32xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>)
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2
// + %new = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
// + %new_2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %new : tensor<64x8xf32>, tensor<8x32xf32>) outs(%4 : tensor<64x32xf32>) {
// + ^bb0(%new_3: f32, %new_4: f32, %new_5: f32):
// + %7 = arith.mulf %new_3, %new_4 : f32
// + %8 = arith.addf %new_5, %7 : f32
// + linalg.yield %8 : f32
// + } -> tensor<64x32xf32>
// + iree_tensor_ext.dispatch.tensor.store %new_2, %arg3
// - <64x8xf32>, %arg1: tensor<2x8x16xf32>
// + <64x8xf32>, %arg1: tensor<2x8x16xf32>, %arg2: tensor<8x32xf32>
// - %1) : (tensor<64x8xf32>, tensor<8x32xf32>
// + %1, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>, tensor<8x32xf32>
// case: an image that has the columns
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x8xf32
// + 64x8x32xf32
// - 0], sizes = [64, 8], strides = [1
// + 0, 0], sizes = [64, 8, 32], strides = [1, 1
// - d0, d2)>, affine_map<(d0
// + d0, d2, d1)>, affine_map<(d0
// case: an image that is read from its second column on
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x8xf32
// + 64x9xf32
// - [64, 8]
// + [64, 9]
// - d0, d2)>, affine_map<(d0
// + d0, d2 + 1)>, affine_map<(d0
// case: a sum over two loops
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x8xf32
// + 64x8x3xf32
// - 0], sizes = [64, 8], strides = [1
// + 0, 0], sizes = [64, 8, 3], strides = [1, 1
// - (d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel
// + (d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction
// case: a result whose last axis is the rows
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x32xf32
// + 32x64xf32
// - (d0, d1)
// + (d1, d0)
// - 64, 32
// + 32, 64
// case: columns that are counted
// unchanged
// as: a matmul: what transposed its weights goes
// - %5 = arith.mulf
// + %new = linalg.index 1 : index
// + %new_2 = arith.index_cast %new : index to i32
// + %7 = arith.sitofp %new_2 : i32 to f32
// + %5 = arith.mulf
// - %6 = arith.addf %out, %5
// + %9 = arith.addf %5, %7
// - linalg.yield %6
// + %6 = arith.addf %out, %9 : f32
// + linalg.yield %6
// case: columns that are stored before others
// unchanged
// as: a matmul: what transposed its weights goes
// - writeonly:tensor<64x32xf32>
// + readwrite:tensor<64x48xf32>
// - 2x8x16xf32>) -> tensor<64x32xf32
// + 2x8x16xf32>, %arg2: tensor<64x48xf32>) -> tensor<64x48xf32
// - @matmul(%arg0, %1) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
// + @matmul(%arg0, %1, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>, tensor<64x48xf32>) -> %arg2
// - util.return %2 : tensor<64x32xf32>
// + util.return %2 : tensor<64x48xf32>
// case: columns that are stored apart from each other
// unchanged
// as: a matmul: what transposed its weights goes
// - writeonly:tensor<64x32xf32>
// + readwrite:tensor<64x32x32xf32>
// - 0], sizes = [64, 32], strides = [1
// + 0, 0], sizes = [64, 32, 1], strides = [1, 1
// - 2x8x16xf32>) -> tensor<64x32xf32
// + 2x8x16xf32>, %arg2: tensor<64x32x32xf32>) -> tensor<64x32x32xf32
// - @matmul(%arg0, %1) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
// + @matmul(%arg0, %1, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>, tensor<64x32x32xf32>) -> %arg2
// - util.return %2 : tensor<64x32xf32>
// + util.return %2 : tensor<64x32x32xf32>
// case: a binding that is no argument
// unchanged
// as: a matmul: what transposed its weights goes
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2
// + %new = flow.dispatch.tie_shape %arg2 : !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>
// + iree_tensor_ext.dispatch.tensor.store %4, %new
// case: a place that is known at run time alone
// unchanged
// as: a matmul: what transposed its weights goes
// - writeonly:tensor<64x32xf32>
// + readwrite:tensor<96x32xf32>
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0], sizes = [64, 32], strides = [1, 1] : tensor<64x32xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<96x32xf32>>
// + %c8 = arith.constant 8 : index
// + iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [%c8, 0], sizes = [64, 32], strides = [1, 1] : tensor<64x32xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<96x32xf32>>
// - 2x8x16xf32>) -> tensor<64x32xf32
// + 2x8x16xf32>, %arg2: tensor<96x32xf32>) -> tensor<96x32xf32
// - @matmul(%arg0, %1) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
// + @matmul(%arg0, %1, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>, tensor<96x32xf32>) -> %arg2
// - util.return %2 : tensor<64x32xf32>
// + util.return %2 : tensor<96x32xf32>
// case: a result that is used by something else
// unchanged
// as: a matmul: what transposed its weights goes
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2
// + %new = arith.negf %4 : tensor<64x32xf32>
// + iree_tensor_ext.dispatch.tensor.store %new, %arg2
// case: a binding that is loaded by something else
// unchanged
// as: a matmul: what transposed its weights goes
// - <writeonly:tensor<64x32xf32>>
// + <readwrite:tensor<64x32xf32>>
// - iree_tensor_ext.dispatch.tensor.store %4
// + %new = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0, 0], sizes = [64, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<64x32xf32>> -> tensor<64x32xf32>
// + %new_2 = arith.negf %new : tensor<64x32xf32>
// + %cast = tensor.cast %new_2 : tensor<64x32xf32> to tensor<?x32xf32>
// + iree_tensor_ext.dispatch.tensor.store %4
// - <64x8xf32>, %arg1: tensor<2x8x16xf32>
// + <64x8xf32>, %arg1: tensor<2x8x16xf32>, %arg2: tensor<64x32xf32>
// - @matmul(%arg0, %1) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
// + @matmul(%arg0, %1, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>, tensor<64x32xf32>) -> %arg2
// case: an epilogue that reads a number
// unchanged
// as: a matmul: what transposed its weights goes
// - <writeonly:tensor<64x32xf32>>)
// + <readonly:tensor<f32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>)
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2
// + %new = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [], sizes = [], strides = [] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<f32>> -> tensor<f32>
// + %new_2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> ()>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%4, %new : tensor<64x32xf32>, tensor<f32>) outs(%2 : tensor<64x32xf32>) {
// + ^bb0(%new_3: f32, %new_4: f32, %new_5: f32):
// + %7 = arith.addf %new_3, %new_4 : f32
// + linalg.yield %7 : f32
// + } -> tensor<64x32xf32>
// + iree_tensor_ext.dispatch.tensor.store %new_2, %arg3
// - <64x8xf32>, %arg1: tensor<2x8x16xf32>
// + <64x8xf32>, %arg1: tensor<2x8x16xf32>, %arg2: tensor<f32>
// - %1) : (tensor<64x8xf32>, tensor<8x32xf32>
// + %1, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>, tensor<f32>
// case: an operation of other loops
// unchanged
// as: a matmul: what transposed its weights goes
// - <writeonly:tensor<64x32xf32>>)
// + <readonly:tensor<32xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>)
// - %cst = arith.constant
// + %new = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0], sizes = [32], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<32xf32>> -> tensor<32xf32>
// + %new_2 = tensor.empty() : tensor<32xf32>
// + %new_3 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%new : tensor<32xf32>) outs(%new_2 : tensor<32xf32>) {
// + ^bb0(%new_4: f32, %new_5: f32):
// + %9 = arith.negf %new_4 : f32
// + linalg.yield %9 : f32
// + } -> tensor<32xf32>
// + %cst = arith.constant
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2
// + %8 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%4, %new_3 : tensor<64x32xf32>, tensor<32xf32>) outs(%2 : tensor<64x32xf32>) {
// + ^bb0(%new_6: f32, %new_7: f32, %new_8: f32):
// + %new_9 = arith.addf %new_6, %new_7 : f32
// + linalg.yield %new_9 : f32
// + } -> tensor<64x32xf32>
// + iree_tensor_ext.dispatch.tensor.store %8, %arg3
// - <64x8xf32>, %arg1: tensor<2x8x16xf32>
// + <64x8xf32>, %arg1: tensor<2x8x16xf32>, %arg2: tensor<32xf32>
// - %1) : (tensor<64x8xf32>, tensor<8x32xf32>
// + %1, %arg2) : (tensor<64x8xf32>, tensor<8x32xf32>, tensor<32xf32>
// case: types that say how they are stored
// unchanged
// as: a matmul: what transposed its weights goes
// - 64x32xf32
// + 64x32xf32, #iree_encoding.testing<>
// - <64x32xf32, #iree_encoding.testing<>> {
// + <64x32xf32> {
// - (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32, #iree_encoding.testing<>>
// + (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
// - util.return %2 : tensor<64x32xf32, #iree_encoding.testing<>>
// + util.return %2 : tensor<64x32xf32>
