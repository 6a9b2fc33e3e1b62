// case: patches that are gathered by two copies
// target: {"rules": "avx512"}
// before
module {
  flow.executable private @copy_0 {
    flow.executable.export public @copy_0
    builtin.module {
      func.func @copy_0(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x2xf32>>, %patches: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x4xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0, 0], sizes = [1, 2, 2, 2], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x2xf32>> -> tensor<1x2x2x2xf32>
        iree_tensor_ext.dispatch.tensor.store %x, %patches, offsets = [0, 0, 0, 0], sizes = [1, 2, 2, 2], strides = [1, 1, 1, 1] : tensor<1x2x2x2xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x4xf32>>
        return
      }
    }
  }
  flow.executable private @copy_1 {
    flow.executable.export public @copy_1
    builtin.module {
      func.func @copy_1(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x2xf32>>, %patches: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x4xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 1, 1, 0], sizes = [1, 2, 2, 2], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x2xf32>> -> tensor<1x2x2x2xf32>
        iree_tensor_ext.dispatch.tensor.store %x, %patches, offsets = [0, 0, 0, 2], sizes = [1, 2, 2, 2], strides = [1, 1, 1, 1] : tensor<1x2x2x2xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x4xf32>>
        return
      }
    }
  }
  flow.executable private @f_matmul_like_2x4x16x2_f32 {
    flow.executable.export public @f_matmul_like_2x4x16x2_f32
    builtin.module {
      func.func @f_matmul_like_2x4x16x2_f32(%left: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>>, %right: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %left, offsets = [0, 0, 0], sizes = [2, 2, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %right, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>> -> tensor<2x2x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x4x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<2x2x4xf32>, tensor<2x2x16xf32>) outs(%zeros : tensor<2x4x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x4x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0, 0], sizes = [2, 4, 16], strides = [1, 1, 1] : tensor<2x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x16xf32>>
        return
      }
    }
  }
  util.func public @f(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> tensor<2x4x16xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_matmul_like_2x4x16x2_f32::@f_matmul_like_2x4x16x2_f32(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw : tensor<2x4x16xf32>
  }
}
// after
module {
  flow.executable private @f_patches_2x4x16x2_f32 {
    flow.executable.export public @f_patches_2x4x16x2_f32 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @f_patches_2x4x16x2_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x2xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x16xf32>>) {
        %cst = arith.constant 0.000000e+00 : f32
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0, 0], sizes = [1, 3, 3, 2], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x2xf32>> -> tensor<1x3x3x2xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>> -> tensor<2x2x16xf32>
        %2 = tensor.empty() : tensor<2x4x16xf32>
        %3 = scf.forall (%arg3) in (2) shared_outs(%arg4 = %2) -> (tensor<2x4x16xf32>) {
          %extracted_slice = tensor.extract_slice %arg4[%arg3, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<2x4x16xf32> to tensor<4x16xf32>
          %extracted_slice_0 = tensor.extract_slice %extracted_slice[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> to tensor<4x16xf32>
          %4 = linalg.fill ins(%cst : f32) outs(%extracted_slice_0 : tensor<4x16xf32>) -> tensor<4x16xf32>
          %inserted_slice = tensor.insert_slice %4 into %extracted_slice[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> into tensor<4x16xf32>
          %5 = arith.divui %arg3, %c2 : index
          %6 = arith.remui %arg3, %c2 : index
          %extracted_slice_1 = tensor.extract_slice %inserted_slice[0, 0] [2, 16] [1, 1] : tensor<4x16xf32> to tensor<2x16xf32>
          %extracted_slice_2 = tensor.extract_slice %0[%5, %6, 0, 0] [1, 1, 2, 2] [1, 1, 1, 1] : tensor<1x3x3x2xf32> to tensor<2x2xf32>
          %extracted_slice_3 = tensor.extract_slice %1[%arg3, 0, 0] [1, 2, 16] [1, 1, 1] : tensor<2x2x16xf32> to tensor<2x16xf32>
          %7 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%extracted_slice_2, %extracted_slice_3 : tensor<2x2xf32>, tensor<2x16xf32>) outs(%extracted_slice_1 : tensor<2x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [0, 0, 0], vector_common_parallel = [0, 0, 0], vector_reduction = [0, 0, 2]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
          ^bb0(%in: f32, %in_9: f32, %out: f32):
            %10 = arith.mulf %in, %in_9 : f32
            %11 = arith.addf %out, %10 : f32
            linalg.yield %11 : f32
          } -> tensor<2x16xf32>
          %inserted_slice_4 = tensor.insert_slice %7 into %inserted_slice[0, 0] [2, 16] [1, 1] : tensor<2x16xf32> into tensor<4x16xf32>
          %extracted_slice_5 = tensor.extract_slice %inserted_slice_4[2, 0] [2, 16] [1, 1] : tensor<4x16xf32> to tensor<2x16xf32>
          %8 = arith.addi %6, %c1 : index
          %extracted_slice_6 = tensor.extract_slice %0[%5, %8, 1, 0] [1, 1, 2, 2] [1, 1, 1, 1] : tensor<1x3x3x2xf32> to tensor<2x2xf32>
          %extracted_slice_7 = tensor.extract_slice %1[%arg3, 0, 0] [1, 2, 16] [1, 1, 1] : tensor<2x2x16xf32> to tensor<2x16xf32>
          %9 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%extracted_slice_6, %extracted_slice_7 : tensor<2x2xf32>, tensor<2x16xf32>) outs(%extracted_slice_5 : tensor<2x16xf32>) attrs =  {lowering_config = #iree_cpu.lowering_config<distribution = [0, 0, 0], vector_common_parallel = [0, 0, 0], vector_reduction = [0, 0, 2]>} {
          ^bb0(%in: f32, %in_9: f32, %out: f32):
            %10 = arith.mulf %in, %in_9 : f32
            %11 = arith.addf %out, %10 : f32
            linalg.yield %11 : f32
          } -> tensor<2x16xf32>
          %inserted_slice_8 = tensor.insert_slice %9 into %inserted_slice_4[2, 0] [2, 16] [1, 1] : tensor<2x16xf32> into tensor<4x16xf32>
          scf.forall.in_parallel {
            tensor.parallel_insert_slice %inserted_slice_8 into %arg4[%arg3, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<4x16xf32> into tensor<2x4x16xf32>
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        iree_tensor_ext.dispatch.tensor.store %3, %arg2, offsets = [0, 0, 0], sizes = [2, 4, 16], strides = [1, 1, 1] : tensor<2x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x16xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<1x3x3x2xf32>, %arg1: tensor<2x2x16xf32>) -> tensor<2x4x16xf32> {
    %0 = flow.tensor.empty : tensor<1x2x2x4xf32>
    %1 = flow.dispatch @f_patches_2x4x16x2_f32::@f_patches_2x4x16x2_f32(%arg0, %arg1) : (tensor<1x3x3x2xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %1 : tensor<2x4x16xf32>
  }
}
// case: matmuls of other patches
// target: {"rules": "avx512"}
// unchanged
module {
  // as: @copy_0
  // as: @copy_1
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_patches_matmul_like
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_matrices_matmul_like
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_tap_matmul_like
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_images_matmul_like
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_gaps_matmul_like
  flow.executable private @copy_rows {
    flow.executable.export public @copy_rows
    builtin.module {
      func.func @copy_rows(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x2xf32>>, %patches: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x4xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0, 0], sizes = [1, 1, 2, 2], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x2xf32>> -> tensor<1x1x2x2xf32>
        iree_tensor_ext.dispatch.tensor.store %x, %patches, offsets = [0, 0, 0, 0], sizes = [1, 1, 2, 2], strides = [1, 1, 1, 1] : tensor<1x1x2x2xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x4xf32>>
        return
      }
    }
  }
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_rows_matmul_like
  flow.executable private @f_lines_matmul_like {
    flow.executable.export public @f_lines_matmul_like
    builtin.module {
      func.func @f_lines_matmul_like(%left: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x1x4xf32>>, %right: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x1x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x4x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %left, offsets = [0, 0, 0], sizes = [4, 1, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x1x4xf32>> -> tensor<4x1x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %right, offsets = [0, 0, 0], sizes = [4, 1, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x1x16xf32>> -> tensor<4x1x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x4x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x4x16xf32>) -> tensor<4x4x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x1x4xf32>, tensor<4x1x16xf32>) outs(%zeros : tensor<4x4x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<4x4x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0, 0], sizes = [4, 4, 16], strides = [1, 1, 1] : tensor<4x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x4x16xf32>>
        return
      }
    }
  }
  flow.executable private @copy_many_0 {
    flow.executable.export public @copy_many_0
    builtin.module {
      func.func @copy_many_0(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x17xf32>>, %patches: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x34xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0, 0], sizes = [1, 2, 2, 17], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x17xf32>> -> tensor<1x2x2x17xf32>
        iree_tensor_ext.dispatch.tensor.store %x, %patches, offsets = [0, 0, 0, 0], sizes = [1, 2, 2, 17], strides = [1, 1, 1, 1] : tensor<1x2x2x17xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x34xf32>>
        return
      }
    }
  }
  flow.executable private @copy_many_1 {
    flow.executable.export public @copy_many_1
    builtin.module {
      func.func @copy_many_1(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x17xf32>>, %patches: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x34xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 1, 1, 0], sizes = [1, 2, 2, 17], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x17xf32>> -> tensor<1x2x2x17xf32>
        iree_tensor_ext.dispatch.tensor.store %x, %patches, offsets = [0, 0, 0, 17], sizes = [1, 2, 2, 17], strides = [1, 1, 1, 1] : tensor<1x2x2x17xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x2x2x34xf32>>
        return
      }
    }
  }
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_channels_matmul_like
  // - 2x4x16xf32
  // + 2x34x16xf32
  // - 2x2x4xf32
  // + 2x2x34xf32
  // - 2, 4
  // + 2, 34
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_columns_matmul_like
  // - 2x4x16xf32
  // + 2x4x24xf32
  // - 2x2x16xf32
  // + 2x2x24xf32
  // - 16], strides = [1, 1
  // + 24], strides = [1, 1
  flow.executable private @f_right_matmul_like {
    flow.executable.export public @f_right_matmul_like
    builtin.module {
      func.func @f_right_matmul_like(%left: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>>, %right: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x16x4xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %left, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>> -> tensor<2x2x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %right, offsets = [0, 0, 0], sizes = [2, 2, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x4xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x16x4xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x4xf32>) -> tensor<2x16x4xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<2x2x16xf32>, tensor<2x2x4xf32>) outs(%zeros : tensor<2x16x4xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x16x4xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0, 0], sizes = [2, 16, 4], strides = [1, 1, 1] : tensor<2x16x4xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x16x4xf32>>
        return
      }
    }
  }
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_transposed_matmul_like
  // - 2x4x16xf32
  // + 2x16x4xf32
  // - d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d2
  // + d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d1
  // - 2, 4, 16
  // + 2, 16, 4
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_epilogue_matmul_like
  // - iree_tensor_ext.dispatch.tensor.store %y, %result
  // + %z = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%y : tensor<2x4x16xf32>) outs(%empty : tensor<2x4x16xf32>) {
  // + ^bb0(%v: f32, %out: f32):
  // + %w = arith.negf %v : f32
  // + linalg.yield %w : f32
  // + } -> tensor<2x4x16xf32>
  // + iree_tensor_ext.dispatch.tensor.store %z, %result
  // as: @f_matmul_like_2x4x16x2_f32
  // - @f_matmul_like_2x4x16x2_f32
  // + @f_twice_matmul_like
  flow.executable private @f_single_matmul_like {
    flow.executable.export public @f_single_matmul_like
    builtin.module {
      func.func @f_single_matmul_like(%left: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4xf32>>, %right: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %left, offsets = [0, 0], sizes = [4, 4], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4xf32>> -> tensor<4x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %right, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>) -> tensor<4x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x4xf32>, tensor<4x16xf32>) outs(%zeros : tensor<4x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<4x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : tensor<4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x16xf32>>
        return
      }
    }
  }
  // The patches are read elsewhere: before they are matrices.
  util.func public @patches(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> (tensor<2x4x16xf32>, tensor<1x2x2x4xf32>) {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_patches_matmul_like::@f_patches_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw, %1 : tensor<2x4x16xf32>, tensor<1x2x2x4xf32>
  }
  // The patches are read elsewhere: as matrices.
  util.func public @matrices(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> (tensor<2x4x16xf32>, tensor<2x2x4xf32>) {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_matrices_matmul_like::@f_matrices_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw, %patches : tensor<2x4x16xf32>, tensor<2x2x4xf32>
  }
  // The patches of one tap are.
  util.func public @tap(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> (tensor<2x4x16xf32>, tensor<1x2x2x4xf32>) {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_tap_matmul_like::@f_tap_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw, %0 : tensor<2x4x16xf32>, tensor<1x2x2x4xf32>
  }
  // Two images are read.
  util.func public @images(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>, %other: tensor<1x3x3x2xf32>) -> tensor<2x4x16xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%other, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_images_matmul_like::@f_images_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw : tensor<2x4x16xf32>
  }
  // No copy fills the first channels.
  util.func public @gaps(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> tensor<2x4x16xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_1::@copy_1(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %patches = flow.tensor.reshape %0 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_gaps_matmul_like::@f_gaps_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw : tensor<2x4x16xf32>
  }
  // A copy of some of the rows.
  util.func public @rows(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> tensor<2x4x16xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_rows::@copy_rows(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_rows_matmul_like::@f_rows_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw : tensor<2x4x16xf32>
  }
  // A matmul sums over half a line.
  util.func public @lines(%x: tensor<1x3x3x2xf32>, %dy: tensor<4x1x16xf32>) -> tensor<4x4x16xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<4x1x4xf32>
    %dw = flow.dispatch @f_lines_matmul_like::@f_lines_matmul_like(%patches, %dy) : (tensor<4x1x4xf32>, tensor<4x1x16xf32>) -> tensor<4x4x16xf32>
    util.return %dw : tensor<4x4x16xf32>
  }
  // The image has many channels.
  util.func public @channels(%x: tensor<1x3x3x17xf32>, %dy: tensor<2x2x16xf32>) -> tensor<2x34x16xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x34xf32>
    %0 = flow.dispatch @copy_many_0::@copy_many_0(%x, %empty) : (tensor<1x3x3x17xf32>, tensor<1x2x2x34xf32>) -> %empty
    %1 = flow.dispatch @copy_many_1::@copy_many_1(%x, %0) : (tensor<1x3x3x17xf32>, tensor<1x2x2x34xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x34xf32> -> tensor<2x2x34xf32>
    %dw = flow.dispatch @f_channels_matmul_like::@f_channels_matmul_like(%patches, %dy) : (tensor<2x2x34xf32>, tensor<2x2x16xf32>) -> tensor<2x34x16xf32>
    util.return %dw : tensor<2x34x16xf32>
  }
  // Columns that fill no registers.
  util.func public @columns(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x24xf32>) -> tensor<2x4x24xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_columns_matmul_like::@f_columns_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x24xf32>) -> tensor<2x4x24xf32>
    util.return %dw : tensor<2x4x24xf32>
  }
  // The patches are the right operand.
  util.func public @right(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> tensor<2x16x4xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_right_matmul_like::@f_right_matmul_like(%dy, %patches) : (tensor<2x2x16xf32>, tensor<2x2x4xf32>) -> tensor<2x16x4xf32>
    util.return %dw : tensor<2x16x4xf32>
  }
  // The result is transposed.
  util.func public @transposed(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> tensor<2x16x4xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_transposed_matmul_like::@f_transposed_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x16x4xf32>
    util.return %dw : tensor<2x16x4xf32>
  }
  // There is an epilogue.
  util.func public @epilogue(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>) -> tensor<2x4x16xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_epilogue_matmul_like::@f_epilogue_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw : tensor<2x4x16xf32>
  }
  // The matmul is dispatched twice.
  util.func public @twice(%x: tensor<1x3x3x2xf32>, %dy: tensor<2x2x16xf32>, %dy4: tensor<2x2x4xf32>) -> (tensor<2x4x16xf32>, tensor<2x4x16xf32>) {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<2x2x4xf32>
    %dw = flow.dispatch @f_twice_matmul_like::@f_twice_matmul_like(%patches, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    %again = flow.dispatch @f_twice_matmul_like::@f_twice_matmul_like(%dy4, %dy) : (tensor<2x2x4xf32>, tensor<2x2x16xf32>) -> tensor<2x4x16xf32>
    util.return %dw, %again : tensor<2x4x16xf32>, tensor<2x4x16xf32>
  }
  // A single matmul.
  util.func public @single(%x: tensor<1x3x3x2xf32>, %dy: tensor<4x16xf32>) -> tensor<4x16xf32> {
    %empty = flow.tensor.empty : tensor<1x2x2x4xf32>
    %0 = flow.dispatch @copy_0::@copy_0(%x, %empty) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %empty
    %1 = flow.dispatch @copy_1::@copy_1(%x, %0) : (tensor<1x3x3x2xf32>, tensor<1x2x2x4xf32>) -> %0
    %patches = flow.tensor.reshape %1 : tensor<1x2x2x4xf32> -> tensor<4x4xf32>
    %dw = flow.dispatch @f_single_matmul_like::@f_single_matmul_like(%patches, %dy) : (tensor<4x4xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
    util.return %dw : tensor<4x16xf32>
  }
}
