// case: a matmul of the table, and not its epilogue
// target: {"tiles": {"8x16x4": [[8, 16], [7, 16], 4]}}
// before
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_matmul_like_8x16x4_f32(%x: tensor<8x4xf32>, %k: tensor<4x16xf32>, %y: tensor<8x16xf32>) -> tensor<8x16xf32> {
        %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<8x4xf32>, tensor<4x16xf32>) outs(%y : tensor<8x16xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %1 = arith.mulf %in, %in_0 : f32
          %2 = arith.addf %out, %1 : f32
          linalg.yield %2 : f32
        } -> tensor<8x16xf32>
        %3 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<8x16xf32>) outs(%y : tensor<8x16xf32>) {
        ^bb0(%in: f32, %out: f32):
          %4 = arith.negf %in : f32
          linalg.yield %4 : f32
        } -> tensor<8x16xf32>
        return %3 : tensor<8x16xf32>
      }
    }
  }
}
// after
// - tensor<4x16xf32>) outs(%y : tensor<8x16xf32>) {
// + tensor<4x16xf32>) outs(%y : tensor<8x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [8, 16, 0], vector_common_parallel = [7, 16, 0], vector_reduction = [0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
// case: a peeled matmul
// target: {"tiles": {"8x16x4": [[8, 16], [7, 16], 4, true]}}
// before
// as: a matmul of the table, and not its epilogue
// - %3 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<8x16xf32>) outs(%y : tensor<8x16xf32>) {
// - ^bb0(%in: f32, %out: f32):
// - %4 = arith.negf %in : f32
// - linalg.yield %4 : f32
// - } -> tensor<8x16xf32>
// +
// - return %3
// + return %0
// after
// - outs(%y : tensor<8x16xf32>) {
// + outs(%y : tensor<8x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [8, 16, 0], vector_common_parallel = [7, 16, 0], vector_reduction = [0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>, {enable_loop_peeling}>>} {
// case: a convolution of the table, which has another attribute
// target: {"tiles": {"2x7x7x16x3x3x4": [[1, 7, 7, 16], [1, 1, 7, 16], 4]}}
// before
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>, %y: tensor<2x7x7x16xf32>) -> tensor<2x7x7x16xf32> {
        %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<2x7x7x16xf32>) attrs = {memoized = true} {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %1 = arith.mulf %in, %in_0 : f32
          %2 = arith.addf %out, %1 : f32
          linalg.yield %2 : f32
        } -> tensor<2x7x7x16xf32>
        return %0 : tensor<2x7x7x16xf32>
      }
    }
  }
}
// after
// - attrs = {memoized
// + attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 7, 7, 16, 0, 0, 0], vector_common_parallel = [1, 1, 7, 16, 0, 0, 0], vector_reduction = [0, 0, 0, 0, 1, 1, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<ConvTileAndDecomposeExpert>>>, memoized
// case: a depthwise convolution of one image of the table gets its batch
// target: {"tiles": {"1x3x3x32x9x7": [[1, 1, 3, 32], [1, 1, 3, 32], 2]}}
// before
// as: a convolution of the table, which has another attribute
// - 2x7x7x16xf32
// + 3x3x32xf32
// - @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>
// + @f_dispatch_0_conv_3x3x32x9x7_f32(%x: tensor<19x15x32xf32>, %k: tensor<9x7x32xf32>
// - %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<3x3x32xf32>) attrs = {memoized = true} {
// + %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3 * 2, d1 + d4 * 2, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %k : tensor<19x15x32xf32>, tensor<9x7x32xf32>) outs(%y : tensor<3x3x32xf32>) {
// after
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_conv_3x3x32x9x7_f32(%x: tensor<19x15x32xf32>, %k: tensor<9x7x32xf32>, %y: tensor<3x3x32xf32>) -> tensor<3x3x32xf32> {
        %expanded = tensor.expand_shape %x [[0, 1], [2], [3]] output_shape [1, 19, 15, 32] : tensor<19x15x32xf32> into tensor<1x19x15x32xf32>
        %expanded_0 = tensor.expand_shape %y [[0, 1], [2], [3]] output_shape [1, 3, 3, 32] : tensor<3x3x32xf32> into tensor<1x3x3x32xf32>
        %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 + d4 * 2, d2 + d5 * 2, d3)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d4, d5, d3)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%expanded, %k : tensor<1x19x15x32xf32>, tensor<9x7x32xf32>) outs(%expanded_0 : tensor<1x3x3x32xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 1, 3, 32, 0, 0], vector_common_parallel = [1, 1, 3, 32, 0, 0], vector_reduction = [0, 0, 0, 0, 1, 2]>, translation_info = <pipeline = #iree_cpu.pipeline<ConvTileAndDecomposeExpert>>>} {
        ^bb0(%in: f32, %in_1: f32, %out: f32):
          %1 = arith.mulf %in, %in_1 : f32
          %2 = arith.addf %out, %1 : f32
          linalg.yield %2 : f32
        } -> tensor<1x3x3x32xf32>
        %collapsed = tensor.collapse_shape %0 [[0, 1], [2], [3]] : tensor<1x3x3x32xf32> into tensor<3x3x32xf32>
        return %collapsed : tensor<3x3x32xf32>
      }
    }
  }
}
// case: a convolution of one image of the table gets its batch
// target: {"tiles": {"1x14x14x32x3x3x16": [[1, 7, 14, 32], [1, 1, 7, 32], 4]}}
// before
// as: a convolution of the table, which has another attribute
// - 2x7x7x16xf32
// + 14x14x32xf32
// - @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>
// + @f_dispatch_0_conv_14x14x32x3x3x16_f32(%x: tensor<16x16x16xf32>, %k: tensor<3x3x16x32xf32>
// - <(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<14x14x32xf32>) attrs = {memoized = true} {
// + <(d0, d1, d2, d3, d4, d5) -> (d0 + d3, d1 + d4, d5)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d3, d4, d5, d2)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<16x16x16xf32>, tensor<3x3x16x32xf32>) outs(%y : tensor<14x14x32xf32>) {
// after
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_conv_14x14x32x3x3x16_f32(%x: tensor<16x16x16xf32>, %k: tensor<3x3x16x32xf32>, %y: tensor<14x14x32xf32>) -> tensor<14x14x32xf32> {
        %expanded = tensor.expand_shape %x [[0, 1], [2], [3]] output_shape [1, 16, 16, 16] : tensor<16x16x16xf32> into tensor<1x16x16x16xf32>
        %expanded_0 = tensor.expand_shape %y [[0, 1], [2], [3]] output_shape [1, 14, 14, 32] : tensor<14x14x32xf32> into tensor<1x14x14x32xf32>
        %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%expanded, %k : tensor<1x16x16x16xf32>, tensor<3x3x16x32xf32>) outs(%expanded_0 : tensor<1x14x14x32xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 7, 14, 32, 0, 0, 0], vector_common_parallel = [1, 1, 7, 32, 0, 0, 0], vector_reduction = [0, 0, 0, 0, 1, 1, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<ConvTileAndDecomposeExpert>>>} {
        ^bb0(%in: f32, %in_1: f32, %out: f32):
          %1 = arith.mulf %in, %in_1 : f32
          %2 = arith.addf %out, %1 : f32
          linalg.yield %2 : f32
        } -> tensor<1x14x14x32xf32>
        %collapsed = tensor.collapse_shape %0 [[0, 1], [2], [3]] : tensor<1x14x14x32xf32> into tensor<14x14x32xf32>
        return %collapsed : tensor<14x14x32xf32>
      }
    }
  }
}
// case: by rule what is not in the table
// target: {"tiles": {"4x16x4": [[4, 16], [4, 16], 2]}, "rules": "avx512"}
// before
// as: a convolution of the table, which has another attribute
// - 2x7x7x16xf32
// + 8x16xf32
// - @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>
// + @f_dispatch_0_matmul_like_8x16x4_f32(%x: tensor<8x4xf32>, %k: tensor<4x16xf32>
// - linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<8x16xf32>) attrs = {memoized = true} {
// + linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<8x4xf32>, tensor<4x16xf32>) outs(%y : tensor<8x16xf32>) {
// after
// - outs(%y : tensor<8x16xf32>) {
// + outs(%y : tensor<8x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [8, 16, 0], vector_common_parallel = [8, 16, 0], vector_reduction = [0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
// case: the table before the rules
// target: {"tiles": {"8x16x4": [[4, 16], [4, 16], 2]}, "rules": "avx512"}
// before
// as: a convolution of the table, which has another attribute
// - 2x7x7x16xf32
// + 8x16xf32
// - @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>
// + @f_dispatch_0_matmul_like_8x16x4_f32(%x: tensor<8x4xf32>, %k: tensor<4x16xf32>
// - linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<8x16xf32>) attrs = {memoized = true} {
// + linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<8x4xf32>, tensor<4x16xf32>) outs(%y : tensor<8x16xf32>) {
// after
// - outs(%y : tensor<8x16xf32>) {
// + outs(%y : tensor<8x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [4, 16, 0], vector_common_parallel = [4, 16, 0], vector_reduction = [0, 0, 2]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
// case: a matmul whose rows are the pixels of an image, by rule
// target: {"rules": "avx512"}
// before
// as: a convolution of the table, which has another attribute
// - 2x7x7x16xf32
// + 14x14x576xf32
// - @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>
// + @f_dispatch_0_matmul_like_14x14x576x96_f32(%x: tensor<14x14x96xf32>, %k: tensor<96x576xf32>
// - <(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<14x14x576xf32>) attrs = {memoized = true} {
// + <(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<14x14x96xf32>, tensor<96x576xf32>) outs(%y : tensor<14x14x576xf32>) {
// after
// - outs(%y : tensor<14x14x576xf32>) {
// + outs(%y : tensor<14x14x576xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [4, 14, 192, 0], vector_common_parallel = [1, 7, 16, 0], vector_reduction = [0, 0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
// case: a stack of matmuls of the same sizes, by rule
// target: {"rules": "avx512"}
// before
// as: a convolution of the table, which has another attribute
// - 2x7x7x16xf32
// + 14x14x576xf32
// - @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>
// + @f_dispatch_0_matmul_like_14x14x576x96_f32(%x: tensor<14x14x96xf32>, %k: tensor<14x96x576xf32>
// - <(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<14x14x576xf32>) attrs = {memoized = true} {
// + <(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<14x14x96xf32>, tensor<14x96x576xf32>) outs(%y : tensor<14x14x576xf32>) {
// after
// - outs(%y : tensor<14x14x576xf32>) {
// + outs(%y : tensor<14x14x576xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [4, 14, 64, 0], vector_common_parallel = [1, 14, 32, 0], vector_reduction = [0, 0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
// case: an elementwise kernel takes stretches of memory
// target: {"rules": "avx512"}
// before
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_elementwise_9x56x56x144_f32(%x: tensor<9x56x56x144xf32>, %y: tensor<9x56x56x144xf32>) -> tensor<9x56x56x144xf32> {
        %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<9x56x56x144xf32>) outs(%y : tensor<9x56x56x144xf32>) {
        ^bb0(%in: f32, %out: f32):
          %n0 = arith.negf %in : f32
          linalg.yield %n0 : f32
        } -> tensor<9x56x56x144xf32>
        return %0 : tensor<9x56x56x144xf32>
      }
    }
  }
}
// after
// - outs(%y : tensor<9x56x56x144xf32>) {
// + outs(%y : tensor<9x56x56x144xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 8, 56, 144], vector_common_parallel = [1, 1, 1, 48]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
// case: sums over pixels get channels as rows and columns
// target: {"rules": "avx512"}
// before
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_reduction_8x96x49_f32(%x: tensor<8x49x96xf32>, %v: tensor<96xf32>, %y: tensor<8x96xf32>) -> (tensor<8x96xf32>, tensor<8x96xf32>) {
        %0:2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2, d1)>, affine_map<(d0, d1, d2) -> (d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %v : tensor<8x49x96xf32>, tensor<96xf32>) outs(%y, %y : tensor<8x96xf32>, tensor<8x96xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32, %out_1: f32):
          %1 = arith.subf %in, %in_0 : f32
          %2 = arith.addf %out, %1 : f32
          %3 = arith.addf %out_1, %in : f32
          linalg.yield %2, %3 : f32, f32
        } -> (tensor<8x96xf32>, tensor<8x96xf32>)
        return %0#0, %0#1 : tensor<8x96xf32>, tensor<8x96xf32>
      }
    }
  }
}
// after
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_reduction_8x96x49_f32(%x: tensor<8x49x96xf32>, %v: tensor<96xf32>, %y: tensor<8x96xf32>) -> (tensor<8x96xf32>, tensor<8x96xf32>) {
        %expanded = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [8, 49, 3, 32] : tensor<8x49x96xf32> into tensor<8x49x3x32xf32>
        %expanded_0 = tensor.expand_shape %v [[0, 1]] output_shape [3, 32] : tensor<96xf32> into tensor<3x32xf32>
        %expanded_1 = tensor.expand_shape %y [[0], [1, 2]] output_shape [8, 3, 32] : tensor<8x96xf32> into tensor<8x3x32xf32>
        %expanded_2 = tensor.expand_shape %y [[0], [1, 2]] output_shape [8, 3, 32] : tensor<8x96xf32> into tensor<8x3x32xf32>
        %0:2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%expanded, %expanded_0 : tensor<8x49x3x32xf32>, tensor<3x32xf32>) outs(%expanded_1, %expanded_2 : tensor<8x3x32xf32>, tensor<8x3x32xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 3, 32, 0], vector_common_parallel = [1, 3, 32, 0], vector_reduction = [0, 0, 0, 1]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %in_4: f32, %out: f32, %out_5: f32):
          %1 = arith.subf %in, %in_4 : f32
          %2 = arith.addf %out, %1 : f32
          %3 = arith.addf %out_5, %in : f32
          linalg.yield %2, %3 : f32, f32
        } -> (tensor<8x3x32xf32>, tensor<8x3x32xf32>)
        %collapsed = tensor.collapse_shape %0#0 [[0], [1, 2]] : tensor<8x3x32xf32> into tensor<8x96xf32>
        %collapsed_3 = tensor.collapse_shape %0#1 [[0], [1, 2]] : tensor<8x3x32xf32> into tensor<8x96xf32>
        return %collapsed, %collapsed_3 : tensor<8x96xf32>, tensor<8x96xf32>
      }
    }
  }
}
// case: a sum over rows and columns of pixels
// target: {"rules": "avx512"}
// before
// as: sums over pixels get channels as rows and columns
// - @f_dispatch_0_reduction_8x96x49_f32(%x: tensor<8x49x96xf32>
// + @f_dispatch_0_reduction_8x96x7x7_f32(%x: tensor<8x7x7x96xf32>
// - d2) -> (d0, d2, d1)>, affine_map<(d0, d1, d2) -> (d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %v : tensor<8x49x96xf32
// + d2, d3) -> (d0, d2, d3, d1)>, affine_map<(d0, d1, d2, d3) -> (d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%x, %v : tensor<8x7x7x96xf32
// after
// as: sums over pixels get channels as rows and columns
// - @f_dispatch_0_reduction_8x96x49_f32(%x: tensor<8x49x96xf32>
// + @f_dispatch_0_reduction_8x96x7x7_f32(%x: tensor<8x7x7x96xf32>
// - [2, 3]] output_shape [8, 49, 3, 32] : tensor<8x49x96xf32> into tensor<8x49x3x32xf32>
// + [2], [3, 4]] output_shape [8, 7, 7, 3, 32] : tensor<8x7x7x96xf32> into tensor<8x7x7x3x32xf32>
// - d3) -> (d0, d3, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%expanded, %expanded_0 : tensor<8x49x3x32xf32>, tensor<3x32xf32>) outs(%expanded_1, %expanded_2 : tensor<8x3x32xf32>, tensor<8x3x32xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 3, 32, 0], vector_common_parallel = [1, 3, 32, 0], vector_reduction = [0, 0, 0
// + d3, d4) -> (d0, d3, d4, d1, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d1, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%expanded, %expanded_0 : tensor<8x7x7x3x32xf32>, tensor<3x32xf32>) outs(%expanded_1, %expanded_2 : tensor<8x3x32xf32>, tensor<8x3x32xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [1, 3, 32, 0, 0], vector_common_parallel = [1, 3, 32, 0, 0], vector_reduction = [0, 0, 0, 1
// case: a matmul that is not in the table
// target: {"tiles": {"4x16x4": [[4, 16], [4, 16], 2]}}
// unchanged
// as: a convolution of the table, which has another attribute
// - 2x7x7x16xf32
// + 8x16xf32
// - @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>
// + @f_dispatch_0_matmul_like_8x16x4_f32(%x: tensor<8x4xf32>, %k: tensor<4x16xf32>
// - linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<8x16xf32>) attrs = {memoized = true} {
// + linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<8x4xf32>, tensor<4x16xf32>) outs(%y : tensor<8x16xf32>) {
// case: a matmul of other numbers
// target: {"tiles": {"8x16x4": [[8, 16], [7, 16], 4]}, "rules": "avx512"}
// unchanged
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_matmul_like_8x16x4_bf16(%x: tensor<8x4xbf16>, %k: tensor<4x16xbf16>, %y: tensor<8x16xbf16>) -> tensor<8x16xbf16> {
        %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<8x4xbf16>, tensor<4x16xbf16>) outs(%y : tensor<8x16xbf16>) {
        ^bb0(%in: bf16, %in_0: bf16, %out: bf16):
          %1 = arith.mulf %in, %in_0 : bf16
          %2 = arith.addf %out, %1 : bf16
          linalg.yield %2 : bf16
        } -> tensor<8x16xbf16>
        return %0 : tensor<8x16xbf16>
      }
    }
  }
}
// case: a convolution of one image that the table has without its batch
// target: {"tiles": {"14x14x32x3x3x16": [[1, 7, 14, 32], [1, 1, 7, 32], 4]}}
// unchanged
// as: a convolution of the table, which has another attribute
// - 2x7x7x16xf32
// + 14x14x32xf32
// - @f_dispatch_0_conv_2x7x7x16x3x3x4_f32(%x: tensor<2x9x9x4xf32>, %k: tensor<3x3x4x16xf32>
// + @f_dispatch_0_conv_14x14x32x3x3x16_f32(%x: tensor<16x16x16xf32>, %k: tensor<3x3x16x32xf32>
// - <(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, d2 + d5, d6)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>, affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%y : tensor<14x14x32xf32>) attrs = {memoized = true} {
// + <(d0, d1, d2, d3, d4, d5) -> (d0 + d3, d1 + d4, d5)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d3, d4, d5, d2)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %k : tensor<16x16x16xf32>, tensor<3x3x16x32xf32>) outs(%y : tensor<14x14x32xf32>) {
// case: a pool of one image
// target: {"tiles": {"1x3x3x32x2x2": [[1, 1, 3, 32], [1, 1, 3, 32], 2]}, "rules": "avx512"}
// unchanged
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_conv_3x3x32x2x2_f32(%x: tensor<4x4x32xf32>, %k: tensor<2x2xf32>, %y: tensor<3x3x32xf32>) -> tensor<3x3x32xf32> {
        %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %k : tensor<4x4x32xf32>, tensor<2x2xf32>) outs(%y : tensor<3x3x32xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %1 = arith.maximumf %out, %in : f32
          linalg.yield %1 : f32
        } -> tensor<3x3x32xf32>
        return %0 : tensor<3x3x32xf32>
      }
    }
  }
}
// case: without rules an elementwise kernel
// unchanged
// as: an elementwise kernel takes stretches of memory
// case: without rules a sum over pixels
// unchanged
// as: sums over pixels get channels as rows and columns
// case: an elementwise kernel of two operations
// target: {"rules": "avx512"}
// unchanged
// as: an elementwise kernel takes stretches of memory
// - %0 = linalg.generic
// + %new = linalg.generic
// - ^bb0(%in
// + ^bb0(%new_2: f32, %new_3: f32):
// + %new_4 = arith.negf %new_2 : f32
// + linalg.yield %new_4 : f32
// + } -> tensor<9x56x56x144xf32>
// + %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%new : tensor<9x56x56x144xf32>) outs(%y : tensor<9x56x56x144xf32>) {
// + ^bb0(%in
// case: another kernel of parallel loops
// target: {"rules": "avx512"}
// unchanged
// as: an elementwise kernel takes stretches of memory
// - @f_dispatch_0_elementwise_9x56x56x144_f32
// + @f_dispatch_0_transpose_9x56x56x144_f32
// case: an elementwise kernel whose channels fill no registers
// target: {"rules": "avx512"}
// unchanged
// as: an elementwise kernel takes stretches of memory
// - 9x56x56x144xf32
// + 8x24xf32
// - @f_dispatch_0_elementwise_9x56x56x144_f32
// + @f_dispatch_0_elementwise_8x24_f32
// - <(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "
// + <(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["
// case: sums over one image
// target: {"rules": "avx512"}
// unchanged
// as: sums over pixels get channels as rows and columns
// - 8x96xf32
// + 1x96xf32
// - 8x49x96xf32
// + 1x49x96xf32
// - @f_dispatch_0_reduction_8x96x49_f32
// + @f_dispatch_0_reduction_1x96x49_f32
// case: sums whose channels fill no registers
// target: {"rules": "avx512"}
// unchanged
// as: sums over pixels get channels as rows and columns
// - 96xf32
// + 40xf32
// - @f_dispatch_0_reduction_8x96x49_f32
// + @f_dispatch_0_reduction_8x40x49_f32
// case: sums of an image whose channels lie apart
// target: {"rules": "avx512"}
// unchanged
// as: sums over pixels get channels as rows and columns
// - 8x49x96xf32
// + 8x96x49xf32
// - d2, d1
// + d1, d2
// case: sums with every second number of a vector
// target: {"rules": "avx512"}
// unchanged
// as: sums over pixels get channels as rows and columns
// - <96xf32>
// + <191xf32>
// - (d1)
// + (d1 * 2)
