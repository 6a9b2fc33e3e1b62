// case: an elementwise kernel
// before
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x9x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x9x4xf32>> -> tensor<9x9x4xf32>
        %1 = tensor.empty() : tensor<9x9x4xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%0 : tensor<9x9x4xf32>) outs(%1 : tensor<9x9x4xf32>) {
        ^bb0(%in: f32, %out: f32):
          %3 = arith.negf %in : f32
          linalg.yield %3 : f32
        } -> tensor<9x9x4xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [1, 1, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : tensor<9x9x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>
        return
      }
    }
  }
}
// after
// - %2 = linalg.generic
// + %new = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [1, 1, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>> -> tensor<9x9x4xf32>
// + %2 = linalg.generic
// - %1 : tensor
// + %new : tensor
// case: an image of a batch
// before
// as: an elementwise kernel
// - 11x11x4xf32
// + 2x11x11x4xf32
// - 1, 0], sizes = [9, 9, 4], strides = [1
// + 1, 1, 0], sizes = [1, 9, 9, 4], strides = [1, 1
// after
// - %2 = linalg.generic
// + %new = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [1, 1, 1, 0], sizes = [1, 9, 9, 4], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x11x11x4xf32>> -> tensor<9x9x4xf32>
// + %2 = linalg.generic
// - %1 : tensor
// + %new : tensor
// case: the epilogue of a matmul that is annotated
// before
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x9x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x4xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>) {
        %cst = arith.constant 0.0 : f32
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [9, 9, 8], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x9x8xf32>> -> tensor<9x9x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 4], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x4xf32>> -> tensor<8x4xf32>
        %2 = tensor.empty() : tensor<9x9x4xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<9x9x4xf32>) -> tensor<9x9x4xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<9x9x8xf32>, tensor<8x4xf32>) outs(%3 : tensor<9x9x4xf32>) attrs = {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [3, 3, 4, 0], vector_common_parallel = [1, 1, 4, 0], vector_reduction = [0, 0, 0, 1]>, translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<9x9x4xf32>
        %7 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%4 : tensor<9x9x4xf32>) outs(%2 : tensor<9x9x4xf32>) {
        ^bb0(%in: f32, %out: f32):
          %8 = arith.negf %in : f32
          linalg.yield %8 : f32
        } -> tensor<9x9x4xf32>
        iree_tensor_ext.dispatch.tensor.store %7, %arg2, offsets = [1, 1, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : tensor<9x9x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>
        return
      }
    }
  }
}
// after
// - 0.0 : f32
// + 0.000000e+00 : f32
// - attrs = {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [3, 3, 4, 0], vector_common_parallel = [1, 1, 4, 0], vector_reduction = [0, 0, 0, 1]>, translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>}
// + attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [3, 3, 4, 0], vector_common_parallel = [1, 1, 4, 0], vector_reduction = [0, 0, 0, 1]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>}
// - %7 = linalg.generic
// + %new = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [1, 1, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>> -> tensor<9x9x4xf32>
// + %7 = linalg.generic
// - (%2 : tensor<9x9x4xf32>) {
// + (%new : tensor<9x9x4xf32>) {
// case: the epilogue of a matmul that is not
// unchanged
// as: the epilogue of a matmul that is annotated
// - outs(%3 : tensor<9x9x4xf32>) attrs = {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [3, 3, 4, 0], vector_common_parallel = [1, 1, 4, 0], vector_reduction = [0, 0, 0, 1]>, translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
// + outs(%3 : tensor<9x9x4xf32>) {
// case: a sum that is added up where it begins with zeros
// unchanged
// as: the epilogue of a matmul that is annotated
// - %7 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%4 : tensor<9x9x4xf32>) outs(%2 : tensor<9x9x4xf32>) {
// - ^bb0(%in: f32, %out: f32):
// - %8 = arith.negf %in : f32
// - linalg.yield %8 : f32
// - } -> tensor<9x9x4xf32>
// +
// - %7, %arg2
// + %4, %arg2
// case: a result that has a binding of its own
// unchanged
// as: an elementwise kernel
// - readwrite
// + writeonly
// case: two stores
// unchanged
// as: an elementwise kernel
// - iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [1, 1, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : tensor<9x9x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>
// + iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [1, 1, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : tensor<9x9x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>
// + iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [2, 2, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : tensor<9x9x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>
// case: one of two results
// unchanged
module {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x9x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x9x4xf32>> -> tensor<9x9x4xf32>
        %1 = tensor.empty() : tensor<9x9x4xf32>
        %2:2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%0 : tensor<9x9x4xf32>) outs(%1, %1 : tensor<9x9x4xf32>, tensor<9x9x4xf32>) {
        ^bb0(%in: f32, %out: f32, %out_0: f32):
          %3 = arith.negf %in : f32
          linalg.yield %3, %in : f32, f32
        } -> (tensor<9x9x4xf32>, tensor<9x9x4xf32>)
        iree_tensor_ext.dispatch.tensor.store %2#0, %arg1, offsets = [1, 1, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : tensor<9x9x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>
        return
      }
    }
  }
}
// case: what is no loop nest of its own
// unchanged
// as: an elementwise kernel
// - %2, %arg1
// + %0, %arg1
// case: a place that is known at run time alone
// unchanged
// as: an elementwise kernel
// - %0 = iree_tensor_ext.dispatch.tensor.load
// + %row = flow.dispatch.workgroup.id[0] : index
// + %0 = iree_tensor_ext.dispatch.tensor.load
// - 1, 1, 0
// + %row, 1, 0
