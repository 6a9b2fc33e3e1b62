// case: one executable packs the weights of two dispatches
// before
module {
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x512xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x1024xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<512x1024xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [512, 512], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x512xf32>> -> tensor<512x512xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [512, 1024], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x1024xf32>> -> tensor<512x1024xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %2 = tensor.empty() : tensor<512x1024xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<512x1024xf32>) -> tensor<512x1024xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<512x512xf32>, tensor<512x1024xf32>) outs(%3 : tensor<512x1024xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [64, 64, 0], vector_common_parallel = [8, 32, 0], vector_reduction = [0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<512x1024xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0], sizes = [512, 1024], strides = [1, 1] : tensor<512x1024xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<512x1024xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<512x512xf32>, %arg1: tensor<512x1024xf32>, %arg2: tensor<512x1024xf32>) -> (tensor<512x1024xf32>, tensor<512x1024xf32>) {
    %0 = flow.dispatch @matmul::@matmul(%arg0, %arg1) : (tensor<512x512xf32>, tensor<512x1024xf32>) -> tensor<512x1024xf32>
    %1 = flow.dispatch @matmul::@matmul(%arg0, %arg2) : (tensor<512x512xf32>, tensor<512x1024xf32>) -> tensor<512x1024xf32>
    util.return %0, %1 : tensor<512x1024xf32>, tensor<512x1024xf32>
  }
}
// after
module {
  flow.executable private @panels_512x1024xf32 {
    flow.executable.export public @panels_512x1024xf32 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @panels_512x1024xf32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x1024xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x512x16xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [512, 1024], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x1024xf32>> -> tensor<512x1024xf32>
        %expanded = tensor.expand_shape %0 [[0], [1, 2]] output_shape [512, 64, 16] : tensor<512x1024xf32> into tensor<512x64x16xf32>
        %1 = tensor.empty() : tensor<64x512x16xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%expanded : tensor<512x64x16xf32>) outs(%1 : tensor<64x512x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [8, 64, 16], vector_common_parallel = [1, 4, 16]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %out: f32):
          linalg.yield %in : f32
        } -> tensor<64x512x16xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0, 0], sizes = [64, 512, 16], strides = [1, 1, 1] : tensor<64x512x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x512x16xf32>>
        return
      }
    }
  }
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x512xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x512x16xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<512x64x16xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [512, 512], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x512xf32>> -> tensor<512x512xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0, 0], sizes = [64, 512, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x512x16xf32>> -> tensor<64x512x16xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %2 = tensor.empty() : tensor<512x64x16xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<512x64x16xf32>) -> tensor<512x64x16xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3)>, affine_map<(d0, d1, d2, d3) -> (d1, d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<512x512xf32>, tensor<64x512x16xf32>) outs(%3 : tensor<512x64x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [64, 4, 16, 0], vector_common_parallel = [8, 2, 16, 0], vector_reduction = [0, 0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<512x64x16xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [512, 64, 16], strides = [1, 1, 1] : tensor<512x64x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<512x64x16xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<512x512xf32>, %arg1: tensor<512x1024xf32>, %arg2: tensor<512x1024xf32>) -> (tensor<512x1024xf32>, tensor<512x1024xf32>) {
    %0 = flow.dispatch @panels_512x1024xf32::@panels_512x1024xf32(%arg1) : (tensor<512x1024xf32>) -> tensor<64x512x16xf32>
    %1 = flow.dispatch @matmul::@matmul(%arg0, %0) : (tensor<512x512xf32>, tensor<64x512x16xf32>) -> tensor<512x1024xf32>
    %2 = flow.dispatch @panels_512x1024xf32::@panels_512x1024xf32(%arg2) : (tensor<512x1024xf32>) -> tensor<64x512x16xf32>
    %3 = flow.dispatch @matmul::@matmul(%arg0, %2) : (tensor<512x512xf32>, tensor<64x512x16xf32>) -> tensor<512x1024xf32>
    util.return %1, %3 : tensor<512x1024xf32>, tensor<512x1024xf32>
  }
}
// case: turned weights are packed as they were
// before
module {
  flow.executable private @turned_1024x512xf32 {
    flow.executable.export public @turned_1024x512xf32
    builtin.module {
      func.func @turned_1024x512xf32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1024x512xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<512x1024xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [1024, 512], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1024x512xf32>> -> tensor<1024x512xf32>
        %1 = tensor.empty() : tensor<512x1024xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<1024x512xf32>) outs(%1 : tensor<512x1024xf32>) {
        ^bb0(%in: f32, %out: f32):
          linalg.yield %in : f32
        } -> tensor<512x1024xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0], sizes = [512, 1024], strides = [1, 1] : tensor<512x1024xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<512x1024xf32>>
        return
      }
    }
  }
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x64x512xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x1024xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x64x1024xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [8, 64, 512], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x64x512xf32>> -> tensor<8x64x512xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [512, 1024], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<512x1024xf32>> -> tensor<512x1024xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %2 = tensor.empty() : tensor<8x64x1024xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<8x64x1024xf32>) -> tensor<8x64x1024xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<8x64x512xf32>, tensor<512x1024xf32>) outs(%3 : tensor<8x64x1024xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 64, 64, 0], vector_common_parallel = [1, 8, 32, 0], vector_reduction = [0, 0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<8x64x1024xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [8, 64, 1024], strides = [1, 1, 1] : tensor<8x64x1024xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x64x1024xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<8x64x512xf32>, %arg1: tensor<1024x512xf32>) -> tensor<8x64x1024xf32> {
    %0 = flow.dispatch @turned_1024x512xf32::@turned_1024x512xf32(%arg1) : (tensor<1024x512xf32>) -> tensor<512x1024xf32>
    %1 = flow.dispatch @matmul::@matmul(%arg0, %0) : (tensor<8x64x512xf32>, tensor<512x1024xf32>) -> tensor<8x64x1024xf32>
    util.return %1 : tensor<8x64x1024xf32>
  }
}
// after
module {
  flow.executable private @turned_panels_1024x512xf32 {
    flow.executable.export public @turned_panels_1024x512xf32 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @turned_panels_1024x512xf32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1024x512xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x512x16xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [1024, 512], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1024x512xf32>> -> tensor<1024x512xf32>
        %expanded = tensor.expand_shape %0 [[0, 1], [2]] output_shape [64, 16, 512] : tensor<1024x512xf32> into tensor<64x16x512xf32>
        %1 = tensor.empty() : tensor<64x512x16xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%expanded : tensor<64x16x512xf32>) outs(%1 : tensor<64x512x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [8, 64, 16], vector_common_parallel = [1, 16, 16]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %out: f32):
          linalg.yield %in : f32
        } -> tensor<64x512x16xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0, 0], sizes = [64, 512, 16], strides = [1, 1, 1] : tensor<64x512x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x512x16xf32>>
        return
      }
    }
  }
  flow.executable private @matmul {
    flow.executable.export public @matmul
    builtin.module {
      func.func @matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x64x512xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x512x16xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x64x64x16xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [8, 64, 512], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x64x512xf32>> -> tensor<8x64x512xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0, 0], sizes = [64, 512, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x512x16xf32>> -> tensor<64x512x16xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %2 = tensor.empty() : tensor<8x64x64x16xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<8x64x64x16xf32>) -> tensor<8x64x64x16xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d2, d4, d3)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<8x64x512xf32>, tensor<64x512x16xf32>) outs(%3 : tensor<8x64x64x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 64, 4, 16, 0], vector_common_parallel = [1, 8, 2, 16, 0], vector_reduction = [0, 0, 0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<8x64x64x16xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0, 0], sizes = [8, 64, 64, 16], strides = [1, 1, 1, 1] : tensor<8x64x64x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x64x64x16xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<8x64x512xf32>, %arg1: tensor<1024x512xf32>) -> tensor<8x64x1024xf32> {
    %0 = flow.dispatch @turned_panels_1024x512xf32::@turned_panels_1024x512xf32(%arg1) : (tensor<1024x512xf32>) -> tensor<64x512x16xf32>
    %1 = flow.dispatch @matmul::@matmul(%arg0, %0) : (tensor<8x64x512xf32>, tensor<64x512x16xf32>) -> tensor<8x64x1024xf32>
    util.return %1 : tensor<8x64x1024xf32>
  }
}
// case: a matmul without a tile
// unchanged
// as: one executable packs the weights of two dispatches
// - attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [64, 64, 0], vector_common_parallel = [8, 32, 0], vector_reduction = [0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>}
// +
// case: weights that caches hold
// unchanged
// as: one executable packs the weights of two dispatches
// - 1024
// + 496
// case: columns that fill no panel
// unchanged
// as: one executable packs the weights of two dispatches
// - 1024
// + 1032
// case: few rows
// unchanged
// as: turned weights are packed as they were
// - 8x64x
// + 7x64x
// - [8, 64,
// + [7, 64,
