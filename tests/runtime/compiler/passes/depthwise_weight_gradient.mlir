// case: a stride of two, of rows in the middle
// target: {"rules": "avx512"}
// before
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_conv_2x2x64x5x14_f32
    builtin.module {
      func.func @f_dispatch_0_conv_2x2x64x5x14_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x64xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>) {
        %cst = arith.constant 0.0 : f32
        %0 = tensor.empty() : tensor<2x2x64xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [3, 0, 0, 0], sizes = [5, 14, 1, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x64xf32>> -> tensor<5x14x64xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 6, 0, 0], sizes = [1, 10, 28, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<10x28x64xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%0 : tensor<2x2x64xf32>) -> tensor<2x2x64xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3 * 2, d1 + d4 * 2, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%2, %1 : tensor<10x28x64xf32>, tensor<5x14x64xf32>) outs(%3 : tensor<2x2x64xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<2x2x64xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [2, 2, 64], strides = [1, 1, 1] : tensor<2x2x64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
        return
      }
    }
  }
  util.func public @f(%cotangent: tensor<9x15x1x64xf32>, %image: tensor<1x30x29x64xf32>) -> tensor<2x2x64xf32> {
    %0 = flow.dispatch @dispatch_0::@f_dispatch_0_conv_2x2x64x5x14_f32(%cotangent, %image) : (tensor<9x15x1x64xf32>, tensor<1x30x29x64xf32>) -> tensor<2x2x64xf32>
    util.return %0 : tensor<2x2x64xf32>
  }
}
// after
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_places_2x2x64x5x14_f32
    builtin.module {
      func.func @f_dispatch_0_places_2x2x64x5x14_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x64xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [3, 0, 0, 0], sizes = [5, 14, 1, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x64xf32>> -> tensor<5x14x64xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 6, 0, 0], sizes = [1, 5, 14, 64], strides = [1, 2, 2, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<5x14x64xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 6, 1, 0], sizes = [1, 5, 14, 64], strides = [1, 2, 2, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<5x14x64xf32>
        %3 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 7, 0, 0], sizes = [1, 5, 14, 64], strides = [1, 2, 2, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<5x14x64xf32>
        %4 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 7, 1, 0], sizes = [1, 5, 14, 64], strides = [1, 2, 2, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<5x14x64xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %5 = tensor.empty() : tensor<64xf32>
        %6 = linalg.fill ins(%cst : f32) outs(%5 : tensor<64xf32>) -> tensor<64xf32>
        %7:4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0)>], iterator_types = ["parallel", "reduction", "reduction"]} ins(%0, %1, %2, %3, %4 : tensor<5x14x64xf32>, tensor<5x14x64xf32>, tensor<5x14x64xf32>, tensor<5x14x64xf32>, tensor<5x14x64xf32>) outs(%6, %6, %6, %6 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [32, 0, 0], vector_common_parallel = [32, 0, 0], vector_reduction = [0, 1, 1]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %out: f32, %out_4: f32, %out_5: f32, %out_6: f32):
          %8 = arith.negf %in : f32
          %9 = arith.mulf %in_0, %8 : f32
          %10 = arith.subf %cst, %9 : f32
          %11 = arith.addf %out, %10 : f32
          %12 = arith.mulf %in_1, %8 : f32
          %13 = arith.subf %cst, %12 : f32
          %14 = arith.addf %out_4, %13 : f32
          %15 = arith.mulf %in_2, %8 : f32
          %16 = arith.subf %cst, %15 : f32
          %17 = arith.addf %out_5, %16 : f32
          %18 = arith.mulf %in_3, %8 : f32
          %19 = arith.subf %cst, %18 : f32
          %20 = arith.addf %out_6, %19 : f32
          linalg.yield %11, %14, %17, %20 : f32, f32, f32, f32
        } -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>)
        iree_tensor_ext.dispatch.tensor.store %7#0, %arg2, offsets = [0, 0, 0], sizes = [1, 1, 64], strides = [1, 1, 1] : tensor<64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
        iree_tensor_ext.dispatch.tensor.store %7#1, %arg2, offsets = [0, 1, 0], sizes = [1, 1, 64], strides = [1, 1, 1] : tensor<64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
        iree_tensor_ext.dispatch.tensor.store %7#2, %arg2, offsets = [1, 0, 0], sizes = [1, 1, 64], strides = [1, 1, 1] : tensor<64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
        iree_tensor_ext.dispatch.tensor.store %7#3, %arg2, offsets = [1, 1, 0], sizes = [1, 1, 64], strides = [1, 1, 1] : tensor<64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
        return
      }
    }
  }
  util.func public @f(%cotangent: tensor<9x15x1x64xf32>, %image: tensor<1x30x29x64xf32>) -> tensor<2x2x64xf32> {
    %0 = flow.dispatch @dispatch_0::@f_dispatch_0_places_2x2x64x5x14_f32(%cotangent, %image) : (tensor<9x15x1x64xf32>, tensor<1x30x29x64xf32>) -> tensor<2x2x64xf32>
    util.return %0 : tensor<2x2x64xf32>
  }
}
// case: a stride of one, some channels of an image without a batch, and one register of them at a time
// target: {"rules": "avx512"}
// before
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_conv_3x2x144x5x14_f32
    builtin.module {
      func.func @f_dispatch_0_conv_3x2x144x5x14_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<5x15x1x144xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>) {
        %cst = arith.constant 0.0 : f32
        %0 = tensor.empty() : tensor<3x2x144xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 1, 0, 0], sizes = [5, 14, 1, 144], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<5x15x1x144xf32>> -> tensor<5x14x144xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [6, 1, 16], sizes = [7, 15, 144], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>> -> tensor<7x15x144xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%0 : tensor<3x2x144xf32>) -> tensor<3x2x144xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%2, %1 : tensor<7x15x144xf32>, tensor<5x14x144xf32>) outs(%3 : tensor<3x2x144xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<3x2x144xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [3, 2, 144], strides = [1, 1, 1] : tensor<3x2x144xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>
        return
      }
    }
  }
  util.func public @f(%cotangent: tensor<5x15x1x144xf32>, %image: tensor<30x40x160xf32>) -> tensor<3x2x144xf32> {
    %0 = flow.dispatch @dispatch_0::@f_dispatch_0_conv_3x2x144x5x14_f32(%cotangent, %image) : (tensor<5x15x1x144xf32>, tensor<30x40x160xf32>) -> tensor<3x2x144xf32>
    util.return %0 : tensor<3x2x144xf32>
  }
}
// after
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_places_3x2x144x5x14_f32
    builtin.module {
      func.func @f_dispatch_0_places_3x2x144x5x14_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<5x15x1x144xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 1, 0, 0], sizes = [5, 14, 1, 144], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<5x15x1x144xf32>> -> tensor<5x14x144xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [6, 1, 16], sizes = [5, 14, 144], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>> -> tensor<5x14x144xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [6, 2, 16], sizes = [5, 14, 144], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>> -> tensor<5x14x144xf32>
        %3 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [7, 1, 16], sizes = [5, 14, 144], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>> -> tensor<5x14x144xf32>
        %4 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [7, 2, 16], sizes = [5, 14, 144], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>> -> tensor<5x14x144xf32>
        %5 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [8, 1, 16], sizes = [5, 14, 144], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>> -> tensor<5x14x144xf32>
        %6 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [8, 2, 16], sizes = [5, 14, 144], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<30x40x160xf32>> -> tensor<5x14x144xf32>
        %cst = arith.constant 0.000000e+00 : f32
        %7 = tensor.empty() : tensor<144xf32>
        %8 = linalg.fill ins(%cst : f32) outs(%7 : tensor<144xf32>) -> tensor<144xf32>
        %9:6 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0)>], iterator_types = ["parallel", "reduction", "reduction"]} ins(%0, %1, %2, %3, %4, %5, %6 : tensor<5x14x144xf32>, tensor<5x14x144xf32>, tensor<5x14x144xf32>, tensor<5x14x144xf32>, tensor<5x14x144xf32>, tensor<5x14x144xf32>, tensor<5x14x144xf32>) outs(%8, %8, %8, %8, %8, %8 : tensor<144xf32>, tensor<144xf32>, tensor<144xf32>, tensor<144xf32>, tensor<144xf32>, tensor<144xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [16, 0, 0], vector_common_parallel = [16, 0, 0], vector_reduction = [0, 1, 1]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %in_0: f32, %in_1: f32, %in_2: f32, %in_3: f32, %in_4: f32, %in_5: f32, %out: f32, %out_6: f32, %out_7: f32, %out_8: f32, %out_9: f32, %out_10: f32):
          %10 = arith.negf %in : f32
          %11 = arith.mulf %in_0, %10 : f32
          %12 = arith.subf %cst, %11 : f32
          %13 = arith.addf %out, %12 : f32
          %14 = arith.mulf %in_1, %10 : f32
          %15 = arith.subf %cst, %14 : f32
          %16 = arith.addf %out_6, %15 : f32
          %17 = arith.mulf %in_2, %10 : f32
          %18 = arith.subf %cst, %17 : f32
          %19 = arith.addf %out_7, %18 : f32
          %20 = arith.mulf %in_3, %10 : f32
          %21 = arith.subf %cst, %20 : f32
          %22 = arith.addf %out_8, %21 : f32
          %23 = arith.mulf %in_4, %10 : f32
          %24 = arith.subf %cst, %23 : f32
          %25 = arith.addf %out_9, %24 : f32
          %26 = arith.mulf %in_5, %10 : f32
          %27 = arith.subf %cst, %26 : f32
          %28 = arith.addf %out_10, %27 : f32
          linalg.yield %13, %16, %19, %22, %25, %28 : f32, f32, f32, f32, f32, f32
        } -> (tensor<144xf32>, tensor<144xf32>, tensor<144xf32>, tensor<144xf32>, tensor<144xf32>, tensor<144xf32>)
        iree_tensor_ext.dispatch.tensor.store %9#0, %arg2, offsets = [0, 0, 0], sizes = [1, 1, 144], strides = [1, 1, 1] : tensor<144xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>
        iree_tensor_ext.dispatch.tensor.store %9#1, %arg2, offsets = [0, 1, 0], sizes = [1, 1, 144], strides = [1, 1, 1] : tensor<144xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>
        iree_tensor_ext.dispatch.tensor.store %9#2, %arg2, offsets = [1, 0, 0], sizes = [1, 1, 144], strides = [1, 1, 1] : tensor<144xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>
        iree_tensor_ext.dispatch.tensor.store %9#3, %arg2, offsets = [1, 1, 0], sizes = [1, 1, 144], strides = [1, 1, 1] : tensor<144xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>
        iree_tensor_ext.dispatch.tensor.store %9#4, %arg2, offsets = [2, 0, 0], sizes = [1, 1, 144], strides = [1, 1, 1] : tensor<144xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>
        iree_tensor_ext.dispatch.tensor.store %9#5, %arg2, offsets = [2, 1, 0], sizes = [1, 1, 144], strides = [1, 1, 1] : tensor<144xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<3x2x144xf32>>
        return
      }
    }
  }
  util.func public @f(%cotangent: tensor<5x15x1x144xf32>, %image: tensor<30x40x160xf32>) -> tensor<3x2x144xf32> {
    %0 = flow.dispatch @dispatch_0::@f_dispatch_0_places_3x2x144x5x14_f32(%cotangent, %image) : (tensor<5x15x1x144xf32>, tensor<30x40x160xf32>) -> tensor<3x2x144xf32>
    util.return %0 : tensor<3x2x144xf32>
  }
}
// case: without rules
// unchanged
// as: a stride of two, of rows in the middle
// case: few registers
// target: {"rules": "avx2"}
// unchanged
// as: a stride of two, of rows in the middle
// case: sums that do not begin at zero stay
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - 0.0 : f32
// + 1.0 : f32
// case: an epilogue
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - linalg.yield %6
// + %7 = arith.mulf %6, %6 : f32
// + linalg.yield %7
// case: two results
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [2, 2, 64], strides = [1, 1, 1] : tensor<2x2x64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
// + iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [2, 2, 64], strides = [1, 1, 1] : tensor<2x2x64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
// + iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [2, 2, 64], strides = [1, 1, 1] : tensor<2x2x64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
// case: a result that is part of a larger one
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - writeonly:tensor<2x2x64xf32>
// + writeonly:tensor<2x3x64xf32>
// - 1x30x29x64xf32>) -> tensor<2x2x64xf32
// + 1x30x29x64xf32>) -> tensor<2x3x64xf32
// - util.return %0 : tensor<2x2x64xf32>
// + util.return %0 : tensor<2x3x64xf32>
// case: what is stored is another tensor
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - %4, %arg2
// + %3, %arg2
// case: something else is computed as well
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - iree_tensor_ext.dispatch.tensor.store %4, %arg2
// + %7 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d0, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%4 : tensor<2x2x64xf32>) outs(%0 : tensor<2x2x64xf32>) {
// + ^bb0(%new: f32, %new_2: f32):
// + linalg.yield %new : f32
// + } -> tensor<2x2x64xf32>
// + iree_tensor_ext.dispatch.tensor.store %7, %arg2
// case: an image whose axis of one lies behind its rows
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - 1x30x29x64xf32
// + 30x1x29x64xf32
// - 0, 6, 0, 0], sizes = [1, 10
// + 6, 0, 0, 0], sizes = [10, 1
// case: every second row of an image
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - 10, 28, 64], strides = [1, 1
// + 10, 28, 64], strides = [1, 2
// case: rows that are known at run time alone
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - %cst = arith.constant
// + %row = flow.dispatch.workgroup.id[0] : index
// + %cst = arith.constant
// - 6, 0, 0
// + %row, 0, 0
// case: an image that is computed here
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - %2 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 6, 0, 0], sizes = [1, 10, 28, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<10x28x64xf32>
// + %7 = tensor.empty() : tensor<10x28x64xf32>
// + %new = linalg.fill ins(%cst : f32) outs(%7 : tensor<10x28x64xf32>) -> tensor<10x28x64xf32>
// - %2, %1
// + %new, %1
// case: strides that differ
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - d4 * 2, d2
// + d4, d2
// case: the stride of a forward convolution
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - + d3 * 2, d1 + d4 * 2
// + * 2 + d3, d1 * 2 + d4
// case: a transposed cotangent
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - 9x15x1x64xf32
// + 17x15x1x64xf32
// - [5, 14, 1, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<17x15x1x64xf32>> -> tensor<5x14x64xf32>
// + [14, 14, 1, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<17x15x1x64xf32>> -> tensor<14x14x64xf32>
// - [0, 6, 0, 0], sizes = [1, 10, 28, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<10x28x64xf32>
// + [0, 2, 0, 0], sizes = [1, 28, 28, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<28x28x64xf32>
// - d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%2, %1 : tensor<10x28x64xf32>, tensor<5x14x64xf32
// + d4, d3, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%2, %1 : tensor<28x28x64xf32>, tensor<14x14x64xf32
// case: a narrow cotangent
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - 5x14x64xf32
// + 5x13x64xf32
// - 5, 14, 1
// + 5, 13, 1
// case: few channels
// target: {"rules": "avx512"}
// unchanged
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_conv_2x2x32x5x14_f32
    builtin.module {
      func.func @f_dispatch_0_conv_2x2x32x5x14_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x32xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x32xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x32xf32>>) {
        %cst = arith.constant 0.0 : f32
        %0 = tensor.empty() : tensor<2x2x32xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [3, 0, 0, 0], sizes = [5, 14, 1, 32], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x32xf32>> -> tensor<5x14x32xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 6, 0, 0], sizes = [1, 10, 28, 32], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x32xf32>> -> tensor<10x28x32xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%0 : tensor<2x2x32xf32>) -> tensor<2x2x32xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3 * 2, d1 + d4 * 2, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%2, %1 : tensor<10x28x32xf32>, tensor<5x14x32xf32>) outs(%3 : tensor<2x2x32xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<2x2x32xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [2, 2, 32], strides = [1, 1, 1] : tensor<2x2x32xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x32xf32>>
        return
      }
    }
  }
  util.func public @f(%cotangent: tensor<9x15x1x32xf32>, %image: tensor<1x30x29x32xf32>) -> tensor<2x2x32xf32> {
    %0 = flow.dispatch @dispatch_0::@f_dispatch_0_conv_2x2x32x5x14_f32(%cotangent, %image) : (tensor<9x15x1x32xf32>, tensor<1x30x29x32xf32>) -> tensor<2x2x32xf32>
    util.return %0 : tensor<2x2x32xf32>
  }
}
// case: channels that fill no registers
// target: {"rules": "avx512"}
// unchanged
module {
  flow.executable private @dispatch_0 {
    flow.executable.export public @f_dispatch_0_conv_2x2x72x5x14_f32
    builtin.module {
      func.func @f_dispatch_0_conv_2x2x72x5x14_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x72xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x72xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x72xf32>>) {
        %cst = arith.constant 0.0 : f32
        %0 = tensor.empty() : tensor<2x2x72xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [3, 0, 0, 0], sizes = [5, 14, 1, 72], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x72xf32>> -> tensor<5x14x72xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 6, 0, 0], sizes = [1, 10, 28, 72], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x72xf32>> -> tensor<10x28x72xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%0 : tensor<2x2x72xf32>) -> tensor<2x2x72xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3 * 2, d1 + d4 * 2, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%2, %1 : tensor<10x28x72xf32>, tensor<5x14x72xf32>) outs(%3 : tensor<2x2x72xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<2x2x72xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [2, 2, 72], strides = [1, 1, 1] : tensor<2x2x72xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x72xf32>>
        return
      }
    }
  }
  util.func public @f(%cotangent: tensor<9x15x1x72xf32>, %image: tensor<1x30x29x72xf32>) -> tensor<2x2x72xf32> {
    %0 = flow.dispatch @dispatch_0::@f_dispatch_0_conv_2x2x72x5x14_f32(%cotangent, %image) : (tensor<9x15x1x72xf32>, tensor<1x30x29x72xf32>) -> tensor<2x2x72xf32>
    util.return %0 : tensor<2x2x72xf32>
  }
}
// case: more places than registers
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - 2x2x64xf32
// + 6x6x64xf32
// - 1x30x29x64xf32
// + 1x30x32x64xf32
// - [1, 10, 28, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x32x64xf32>> -> tensor<10x28x64xf32>
// + [1, 14, 32, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x32x64xf32>> -> tensor<14x32x64xf32>
// - 10x28x64xf32
// + 14x32x64xf32
// - 2, 2, 64
// + 6, 6, 64
// case: numbers of another type
// target: {"rules": "avx512"}
// unchanged
// as: a stride of two, of rows in the middle
// - xf32
// + xbf16
// - : f32
// + : bf16
