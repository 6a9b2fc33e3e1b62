// case: epilogues, and the image added to the result
// target: {"rules": "avx512"}
// before
module {
  flow.executable private @e_matmul {
    flow.executable.export public @e_matmul
    builtin.module {
      func.func @e_matmul(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %bias: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [4, 4, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x16xf32>> -> tensor<4x4x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %c = iree_tensor_ext.dispatch.tensor.load %bias, offsets = [0], sizes = [16], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>> -> tensor<16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x4x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x4x16xf32>) -> tensor<4x4x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x4x16xf32>, tensor<16x16xf32>) outs(%zeros : tensor<4x4x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<4x4x16xf32>
        %z = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%y, %c : tensor<4x4x16xf32>, tensor<16xf32>) outs(%empty : tensor<4x4x16xf32>) {
        ^bb0(%v: f32, %o0: f32, %out: f32):
          %w = arith.addf %v, %o0 : f32
          %under = arith.cmpf ogt, %zero, %w : f32
          %r = arith.select %under, %zero, %w : f32
          linalg.yield %r : f32
        } -> tensor<4x4x16xf32>
        iree_tensor_ext.dispatch.tensor.store %z, %into, offsets = [1, 1, 0], sizes = [4, 4, 16], strides = [1, 1, 1] : tensor<4x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x16xf32>>
        return
      }
    }
  }
  // as: @e_matmul
  // - @e_matmul
  // + @d_conv
  // - 4x4x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %bias: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x16xf32
  // + 6x6x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x3x16xf32>>, %bias: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %into: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x4x16xf32
  // - [4, 4, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x16xf32>> -> tensor<4x4x16xf32>
  // + [6, 6, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<6x6x16xf32>> -> tensor<6x6x16xf32>
  // - 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
  // + 0, 0], sizes = [3, 3, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x3x16xf32>> -> tensor<3x3x16xf32>
  // - d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x4x16xf32>, tensor<16x16xf32
  // + d3, d4) -> (d0 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %k : tensor<6x6x16xf32>, tensor<3x3x16xf32
  // - [1, 1, 0], sizes = [4, 4, 16], strides = [1, 1, 1] : tensor<4x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<6x6x16xf32>>
  // + [0, 0, 0], sizes = [4, 4, 16], strides = [1, 1, 1] : tensor<4x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x4x16xf32>>
  flow.executable private @p_matmul {
    flow.executable.export public @p_matmul
    builtin.module {
      func.func @p_matmul(%rows: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %bias: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<16x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %rows, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %c = iree_tensor_ext.dispatch.tensor.load %bias, offsets = [0], sizes = [16], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>> -> tensor<16xf32>
        %i = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<16x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x16xf32>) -> tensor<16x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<16x16xf32>, tensor<16x16xf32>) outs(%zeros : tensor<16x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<16x16xf32>
        %z = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%y, %c, %i : tensor<16x16xf32>, tensor<16xf32>, tensor<16x16xf32>) outs(%empty : tensor<16x16xf32>) {
        ^bb0(%v: f32, %o0: f32, %o1: f32, %out: f32):
          %w = arith.addf %v, %o0 : f32
          %r = arith.addf %w, %o1 : f32
          linalg.yield %r : f32
        } -> tensor<16x16xf32>
        iree_tensor_ext.dispatch.tensor.store %z, %result, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : tensor<16x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<16x16xf32>>
        return
      }
    }
  }
  util.func public @f(%x: tensor<4x4x16xf32>, %ek: tensor<16x16xf32>, %eb: tensor<16xf32>, %taps: tensor<3x3x16xf32>, %db: tensor<16xf32>, %pk: tensor<16x16xf32>, %pb: tensor<16xf32>) -> tensor<16x16xf32> {
    %zero = arith.constant 0.0 : f32
    %flat = flow.tensor.reshape %x : tensor<4x4x16xf32> -> tensor<16x16xf32>
    %padded = flow.tensor.splat %zero : tensor<6x6x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %eb, %padded) : (tensor<4x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<6x6x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps, %db) : (tensor<6x6x16xf32>, tensor<3x3x16xf32>, tensor<16xf32>) -> tensor<4x4x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<4x4x16xf32> -> tensor<16x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk, %pb, %flat) : (tensor<16x16xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    util.return %y : tensor<16x16xf32>
  }
}
// after
module {
  flow.executable private @p_block0_4x4x16x16x16 {
    flow.executable.export public @p_block0_4x4x16x16x16 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @p_block0_4x4x16x16x16(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x16xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x3x16xf32>>, %arg4: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %arg5: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %arg6: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %arg7: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %arg8: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<16x16xf32>>, %arg9: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<1x6x6x16xf32>>, %arg10: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<1x16x16xf32>>) {
        %cst = arith.constant 0.000000e+00 : f32
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        %c4 = arith.constant 4 : index
        %c6 = arith.constant 6 : index
        %c8 = arith.constant 8 : index
        %c16 = arith.constant 16 : index
        %cst_0 = arith.constant 0.000000e+00 : f32
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [4, 4, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x16xf32>> -> tensor<4x4x16xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0], sizes = [16], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>> -> tensor<16xf32>
        %3 = iree_tensor_ext.dispatch.tensor.load %arg3, offsets = [0, 0, 0], sizes = [3, 3, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x3x16xf32>> -> tensor<3x3x16xf32>
        %4 = iree_tensor_ext.dispatch.tensor.load %arg4, offsets = [0], sizes = [16], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>> -> tensor<16xf32>
        %5 = iree_tensor_ext.dispatch.tensor.load %arg5, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %6 = iree_tensor_ext.dispatch.tensor.load %arg6, offsets = [0], sizes = [16], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>> -> tensor<16xf32>
        %7 = iree_tensor_ext.dispatch.tensor.load %arg7, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %8 = tensor.empty() : tensor<16x16xf32>
        %9 = tensor.empty() : tensor<1x6x6x16xf32>
        %10 = tensor.empty() : tensor<1x16x16xf32>
        %11:3 = scf.forall (%arg11) in (1) shared_outs(%arg12 = %8, %arg13 = %9, %arg14 = %10) -> (tensor<16x16xf32>, tensor<1x6x6x16xf32>, tensor<1x16x16xf32>) {
          %12 = arith.muli %arg11, %c16 : index
          %13 = arith.muli %arg11, %c4 : index
          %extracted_slice = tensor.extract_slice %arg12[%12, 0] [16, 16] [1, 1] : tensor<16x16xf32> to tensor<16x16xf32>
          %14 = scf.for %arg15 = %c0 to %c16 step %c8 iter_args(%arg16 = %extracted_slice) -> (tensor<16x16xf32>) {
            %extracted_slice_13 = tensor.extract_slice %arg16[%arg15, 0] [8, 16] [1, 1] : tensor<16x16xf32> to tensor<8x16xf32>
            %20 = linalg.fill ins(%cst : f32) outs(%extracted_slice_13 : tensor<8x16xf32>) -> tensor<8x16xf32>
            %inserted_slice = tensor.insert_slice %20 into %arg16[%arg15, 0] [8, 16] [1, 1] : tensor<8x16xf32> into tensor<16x16xf32>
            scf.yield %inserted_slice : tensor<16x16xf32>
          }
          %extracted_slice_1 = tensor.extract_slice %arg13[%arg11, 0, 0, 0] [1, 6, 6, 16] [1, 1, 1, 1] : tensor<1x6x6x16xf32> to tensor<6x6x16xf32>
          %extracted_slice_2 = tensor.extract_slice %arg14[%arg11, 0, 0] [1, 16, 16] [1, 1, 1] : tensor<1x16x16xf32> to tensor<16x16xf32>
          %15 = scf.for %arg15 = %c0 to %c6 step %c1 iter_args(%arg16 = %extracted_slice_1) -> (tensor<6x6x16xf32>) {
            %20 = scf.for %arg17 = %c0 to %c6 step %c1 iter_args(%arg18 = %arg16) -> (tensor<6x6x16xf32>) {
              %extracted_slice_13 = tensor.extract_slice %arg18[%arg15, %arg17, 0] [1, 1, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<16xf32>
              %21 = linalg.fill ins(%cst : f32) outs(%extracted_slice_13 : tensor<16xf32>) -> tensor<16xf32>
              %inserted_slice = tensor.insert_slice %21 into %arg18[%arg15, %arg17, 0] [1, 1, 16] [1, 1, 1] : tensor<16xf32> into tensor<6x6x16xf32>
              scf.yield %inserted_slice : tensor<6x6x16xf32>
            }
            scf.yield %20 : tensor<6x6x16xf32>
          }
          %extracted_slice_3 = tensor.extract_slice %1[0, 0] [16, 16] [1, 1] : tensor<16x16xf32> to tensor<16x16xf32>
          %16 = scf.for %arg15 = %c0 to %c4 step %c2 iter_args(%arg16 = %15) -> (tensor<6x6x16xf32>) {
            %extracted_slice_13 = tensor.extract_slice %0[%arg15, 0, 0] [2, 4, 16] [1, 1, 1] : tensor<4x4x16xf32> to tensor<2x4x16xf32>
            %20 = arith.addi %arg15, %c1 : index
            %21 = arith.subi %20, %13 : index
            %extracted_slice_14 = tensor.extract_slice %arg16[%21, 1, 0] [2, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<2x4x16xf32>
            %22 = tensor.empty() : tensor<2x4x16xf32>
            %23 = linalg.fill ins(%cst : f32) outs(%22 : tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
            %24 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%extracted_slice_13, %extracted_slice_3 : tensor<2x4x16xf32>, tensor<16x16xf32>) outs(%23 : tensor<2x4x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [0, 0, 0, 0], vector_common_parallel = [0, 0, 0, 0], vector_reduction = [0, 0, 0, 8]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
            ^bb0(%in: f32, %in_16: f32, %out: f32):
              %26 = arith.mulf %in, %in_16 : f32
              %27 = arith.addf %out, %26 : f32
              linalg.yield %27 : f32
            } -> tensor<2x4x16xf32>
            %extracted_slice_15 = tensor.extract_slice %2[0] [16] [1] : tensor<16xf32> to tensor<16xf32>
            %25 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%24, %extracted_slice_15 : tensor<2x4x16xf32>, tensor<16xf32>) outs(%extracted_slice_14 : tensor<2x4x16xf32>) {
            ^bb0(%in: f32, %in_16: f32, %out: f32):
              %26 = arith.addf %in, %in_16 : f32
              %27 = arith.cmpf ogt, %cst_0, %26 : f32
              %28 = arith.select %27, %cst_0, %26 : f32
              linalg.yield %28 : f32
            } -> tensor<2x4x16xf32>
            %inserted_slice = tensor.insert_slice %25 into %arg16[%21, 1, 0] [2, 4, 16] [1, 1, 1] : tensor<2x4x16xf32> into tensor<6x6x16xf32>
            scf.yield %inserted_slice : tensor<6x6x16xf32>
          }
          %extracted_slice_4 = tensor.extract_slice %3[0, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %extracted_slice_5 = tensor.extract_slice %3[0, 1, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %extracted_slice_6 = tensor.extract_slice %3[0, 2, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %extracted_slice_7 = tensor.extract_slice %3[1, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %extracted_slice_8 = tensor.extract_slice %3[1, 1, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %extracted_slice_9 = tensor.extract_slice %3[1, 2, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %extracted_slice_10 = tensor.extract_slice %3[2, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %extracted_slice_11 = tensor.extract_slice %3[2, 1, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %extracted_slice_12 = tensor.extract_slice %3[2, 2, 0] [1, 1, 16] [1, 1, 1] : tensor<3x3x16xf32> to tensor<16xf32>
          %17 = scf.for %arg15 = %c0 to %c4 step %c1 iter_args(%arg16 = %extracted_slice_2) -> (tensor<16x16xf32>) {
            %20 = arith.muli %arg15, %c4 : index
            %21 = arith.addi %arg15, %c1 : index
            %22 = arith.addi %arg15, %c1 : index
            %23 = arith.addi %arg15, %c1 : index
            %24 = arith.addi %arg15, %c2 : index
            %25 = arith.addi %arg15, %c2 : index
            %26 = arith.addi %arg15, %c2 : index
            %extracted_slice_13 = tensor.extract_slice %16[%arg15, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_14 = tensor.extract_slice %16[%arg15, 1, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_15 = tensor.extract_slice %16[%arg15, 2, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_16 = tensor.extract_slice %16[%21, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_17 = tensor.extract_slice %16[%22, 1, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_18 = tensor.extract_slice %16[%23, 2, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_19 = tensor.extract_slice %16[%24, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_20 = tensor.extract_slice %16[%25, 1, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_21 = tensor.extract_slice %16[%26, 2, 0] [1, 4, 16] [1, 1, 1] : tensor<6x6x16xf32> to tensor<4x16xf32>
            %extracted_slice_22 = tensor.extract_slice %arg16[%20, 0] [4, 16] [1, 1] : tensor<16x16xf32> to tensor<4x16xf32>
            %27 = tensor.empty() : tensor<4x16xf32>
            %28 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%extracted_slice_13, %extracted_slice_14, %extracted_slice_15, %extracted_slice_16, %extracted_slice_17, %extracted_slice_18, %extracted_slice_19, %extracted_slice_20, %extracted_slice_21, %extracted_slice_4, %extracted_slice_5, %extracted_slice_6, %extracted_slice_7, %extracted_slice_8, %extracted_slice_9, %extracted_slice_10, %extracted_slice_11, %extracted_slice_12 : tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) outs(%27 : tensor<4x16xf32>) {
            ^bb0(%in: f32, %in_24: f32, %in_25: f32, %in_26: f32, %in_27: f32, %in_28: f32, %in_29: f32, %in_30: f32, %in_31: f32, %in_32: f32, %in_33: f32, %in_34: f32, %in_35: f32, %in_36: f32, %in_37: f32, %in_38: f32, %in_39: f32, %in_40: f32, %out: f32):
              %30 = arith.mulf %in, %in_32 : f32
              %31 = arith.mulf %in_24, %in_33 : f32
              %32 = arith.addf %30, %31 : f32
              %33 = arith.mulf %in_25, %in_34 : f32
              %34 = arith.addf %32, %33 : f32
              %35 = arith.mulf %in_26, %in_35 : f32
              %36 = arith.addf %34, %35 : f32
              %37 = arith.mulf %in_27, %in_36 : f32
              %38 = arith.addf %36, %37 : f32
              %39 = arith.mulf %in_28, %in_37 : f32
              %40 = arith.addf %38, %39 : f32
              %41 = arith.mulf %in_29, %in_38 : f32
              %42 = arith.addf %40, %41 : f32
              %43 = arith.mulf %in_30, %in_39 : f32
              %44 = arith.addf %42, %43 : f32
              %45 = arith.mulf %in_31, %in_40 : f32
              %46 = arith.addf %44, %45 : f32
              linalg.yield %46 : f32
            } -> tensor<4x16xf32>
            %extracted_slice_23 = tensor.extract_slice %4[0] [16] [1] : tensor<16xf32> to tensor<16xf32>
            %29 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%28, %extracted_slice_23 : tensor<4x16xf32>, tensor<16xf32>) outs(%extracted_slice_22 : tensor<4x16xf32>) {
            ^bb0(%in: f32, %in_24: f32, %out: f32):
              %30 = arith.addf %in, %in_24 : f32
              %31 = arith.cmpf ogt, %cst_0, %30 : f32
              %32 = arith.select %31, %cst_0, %30 : f32
              linalg.yield %32 : f32
            } -> tensor<4x16xf32>
            %inserted_slice = tensor.insert_slice %29 into %arg16[%20, 0] [4, 16] [1, 1] : tensor<4x16xf32> into tensor<16x16xf32>
            scf.yield %inserted_slice : tensor<16x16xf32>
          }
          %18 = scf.for %arg15 = %c0 to %c16 step %c8 iter_args(%arg16 = %14) -> (tensor<16x16xf32>) {
            %extracted_slice_13 = tensor.extract_slice %arg16[%arg15, 0] [8, 16] [1, 1] : tensor<16x16xf32> to tensor<8x16xf32>
            %extracted_slice_14 = tensor.extract_slice %17[%arg15, 0] [8, 16] [1, 1] : tensor<16x16xf32> to tensor<8x16xf32>
            %extracted_slice_15 = tensor.extract_slice %5[0, 0] [16, 16] [1, 1] : tensor<16x16xf32> to tensor<16x16xf32>
            %20 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%extracted_slice_14, %extracted_slice_15 : tensor<8x16xf32>, tensor<16x16xf32>) outs(%extracted_slice_13 : tensor<8x16xf32>) attrs =  {lowering_config = #iree_cpu.lowering_config<distribution = [0, 0, 0], vector_common_parallel = [0, 0, 0], vector_reduction = [0, 0, 8]>} {
            ^bb0(%in: f32, %in_16: f32, %out: f32):
              %21 = arith.mulf %in, %in_16 : f32
              %22 = arith.addf %out, %21 : f32
              linalg.yield %22 : f32
            } -> tensor<8x16xf32>
            %inserted_slice = tensor.insert_slice %20 into %arg16[%arg15, 0] [8, 16] [1, 1] : tensor<8x16xf32> into tensor<16x16xf32>
            scf.yield %inserted_slice : tensor<16x16xf32>
          }
          %19 = scf.for %arg15 = %c0 to %c16 step %c8 iter_args(%arg16 = %18) -> (tensor<16x16xf32>) {
            %extracted_slice_13 = tensor.extract_slice %arg16[%arg15, 0] [8, 16] [1, 1] : tensor<16x16xf32> to tensor<8x16xf32>
            %20 = arith.addi %12, %arg15 : index
            %extracted_slice_14 = tensor.extract_slice %6[0] [16] [1] : tensor<16xf32> to tensor<16xf32>
            %extracted_slice_15 = tensor.extract_slice %7[%20, 0] [8, 16] [1, 1] : tensor<16x16xf32> to tensor<8x16xf32>
            %21 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%extracted_slice_13, %extracted_slice_14, %extracted_slice_15 : tensor<8x16xf32>, tensor<16xf32>, tensor<8x16xf32>) outs(%extracted_slice_13 : tensor<8x16xf32>) {
            ^bb0(%in: f32, %in_16: f32, %in_17: f32, %out: f32):
              %22 = arith.addf %in, %in_16 : f32
              %23 = arith.addf %22, %in_17 : f32
              linalg.yield %23 : f32
            } -> tensor<8x16xf32>
            %inserted_slice = tensor.insert_slice %21 into %arg16[%arg15, 0] [8, 16] [1, 1] : tensor<8x16xf32> into tensor<16x16xf32>
            scf.yield %inserted_slice : tensor<16x16xf32>
          }
          scf.forall.in_parallel {
            tensor.parallel_insert_slice %19 into %arg12[%12, 0] [16, 16] [1, 1] : tensor<16x16xf32> into tensor<16x16xf32>
            tensor.parallel_insert_slice %16 into %arg13[%arg11, 0, 0, 0] [1, 6, 6, 16] [1, 1, 1, 1] : tensor<6x6x16xf32> into tensor<1x6x6x16xf32>
            tensor.parallel_insert_slice %17 into %arg14[%arg11, 0, 0] [1, 16, 16] [1, 1, 1] : tensor<16x16xf32> into tensor<1x16x16xf32>
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        iree_tensor_ext.dispatch.tensor.store %11#0, %arg8, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : tensor<16x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<16x16xf32>>
        iree_tensor_ext.dispatch.tensor.store %11#1, %arg9, offsets = [0, 0, 0, 0], sizes = [1, 6, 6, 16], strides = [1, 1, 1, 1] : tensor<1x6x6x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<1x6x6x16xf32>>
        iree_tensor_ext.dispatch.tensor.store %11#2, %arg10, offsets = [0, 0, 0], sizes = [1, 16, 16], strides = [1, 1, 1] : tensor<1x16x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<1x16x16xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<4x4x16xf32>, %arg1: tensor<16x16xf32>, %arg2: tensor<16xf32>, %arg3: tensor<3x3x16xf32>, %arg4: tensor<16xf32>, %arg5: tensor<16x16xf32>, %arg6: tensor<16xf32>) -> tensor<16x16xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.reshape %arg0 : tensor<4x4x16xf32> -> tensor<16x16xf32>
    %1 = flow.tensor.splat %cst : tensor<6x6x16xf32>
    %2:3 = flow.dispatch @p_block0_4x4x16x16x16::@p_block0_4x4x16x16x16(%arg0, %arg1, %arg2, %arg3, %arg4, %arg5, %arg6, %0) : (tensor<4x4x16xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<3x3x16xf32>, tensor<16xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<1x6x6x16xf32>, tensor<1x16x16xf32>)
    %3 = flow.tensor.reshape %2#0 : tensor<16x16xf32> -> tensor<16x16xf32>
    util.return %3 : tensor<16x16xf32>
  }
}
// case: packed weights, every second pixel, few columns, and threads that share the channels
// target: {"rules": "avx512", "threads": 2}
// before
module {
  flow.executable private @unpack {
    flow.executable.export public @unpack
    builtin.module {
      func.func @unpack(%packed: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x2x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %packed, offsets = [0, 0, 0], sizes = [2, 4, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x16xf32>> -> tensor<2x4x16xf32>
        %empty = tensor.empty() : tensor<4x2x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d0, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<2x4x16xf32>) outs(%empty : tensor<4x2x16xf32>) {
        ^bb0(%v: f32, %out: f32):
          linalg.yield %v : f32
        } -> tensor<4x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0, 0], sizes = [4, 2, 16], strides = [1, 1, 1] : tensor<4x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x2x16xf32>>
        return
      }
    }
  }
  flow.executable private @e_matmul {
    flow.executable.export public @e_matmul
    builtin.module {
      func.func @e_matmul(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x4xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x32xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<4x4x32xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [4, 4, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x4xf32>> -> tensor<4x4x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [4, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x32xf32>> -> tensor<4x32xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x4x32xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x4x32xf32>) -> tensor<4x4x32xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x4x4xf32>, tensor<4x32xf32>) outs(%zeros : tensor<4x4x32xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<4x4x32xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %into, offsets = [0, 0, 0], sizes = [4, 4, 32], strides = [1, 1, 1] : tensor<4x4x32xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<4x4x32xf32>>
        return
      }
    }
  }
  flow.executable private @d_conv {
    flow.executable.export public @d_conv
    builtin.module {
      func.func @d_conv(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x32xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x32xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x32xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [4, 4, 32], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x32xf32>> -> tensor<4x4x32xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0, 0], sizes = [2, 2, 32], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x32xf32>> -> tensor<2x2x32xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x32xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x32xf32>) -> tensor<2x2x32xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 * 2 + d3, d1 * 2 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %k : tensor<4x4x32xf32>, tensor<2x2x32xf32>) outs(%zeros : tensor<2x2x32xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x32xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0, 0], sizes = [2, 2, 32], strides = [1, 1, 1] : tensor<2x2x32xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x32xf32>>
        return
      }
    }
  }
  flow.executable private @p_matmul {
    flow.executable.export public @p_matmul
    builtin.module {
      func.func @p_matmul(%rows: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x32xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<32x24xf32>>, %bias: !iree_tensor_ext.dispatch.tensor<readonly:tensor<24xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x24xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %rows, offsets = [0, 0], sizes = [4, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x32xf32>> -> tensor<4x32xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [32, 24], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<32x24xf32>> -> tensor<32x24xf32>
        %c = iree_tensor_ext.dispatch.tensor.load %bias, offsets = [0], sizes = [24], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<24xf32>> -> tensor<24xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x24xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x24xf32>) -> tensor<4x24xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x32xf32>, tensor<32x24xf32>) outs(%zeros : tensor<4x24xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<4x24xf32>
        %z = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%y, %c : tensor<4x24xf32>, tensor<24xf32>) outs(%empty : tensor<4x24xf32>) {
        ^bb0(%v: f32, %o0: f32, %out: f32):
          %w = arith.addf %v, %o0 : f32
          linalg.yield %w : f32
        } -> tensor<4x24xf32>
        iree_tensor_ext.dispatch.tensor.store %z, %result, offsets = [0, 0], sizes = [4, 24], strides = [1, 1] : tensor<4x24xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x24xf32>>
        return
      }
    }
  }
  util.func public @f(%x: tensor<4x4x4xf32>, %packed: tensor<2x4x16xf32>, %taps: tensor<2x2x32xf32>, %pk: tensor<32x24xf32>, %pb: tensor<24xf32>) -> tensor<4x24xf32> {
    %zero = arith.constant 0.0 : f32
    %unpacked = flow.dispatch @unpack::@unpack(%packed) : (tensor<2x4x16xf32>) -> tensor<4x2x16xf32>
    %ek = flow.tensor.reshape %unpacked : tensor<4x2x16xf32> -> tensor<4x32xf32>
    %padded = flow.tensor.splat %zero : tensor<4x4x32xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<4x4x4xf32>, tensor<4x32xf32>, tensor<4x4x32xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<4x4x32xf32>, tensor<2x2x32xf32>) -> tensor<2x2x32xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x32xf32> -> tensor<4x32xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk, %pb) : (tensor<4x32xf32>, tensor<32x24xf32>, tensor<24xf32>) -> tensor<4x24xf32>
    util.return %y : tensor<4x24xf32>
  }
}
// after
module {
  flow.executable private @p_block0_4x4x4x32x24 {
    flow.executable.export public @p_block0_4x4x4x32x24 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @p_block0_4x4x4x32x24(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x16xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x32xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<readonly:tensor<32x3x8xf32>>, %arg4: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x3x8xf32>>, %arg5: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x4x16xf32>>, %arg6: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x16xf32>>) {
        %cst = arith.constant 0.000000e+00 : f32
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        %c4 = arith.constant 4 : index
        %c16 = arith.constant 16 : index
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [4, 4, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x4x4xf32>> -> tensor<4x4x4xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0, 0], sizes = [2, 4, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x16xf32>> -> tensor<2x4x16xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0, 0, 0], sizes = [2, 2, 32], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x32xf32>> -> tensor<2x2x32xf32>
        %3 = iree_tensor_ext.dispatch.tensor.load %arg3, offsets = [0, 0, 0], sizes = [32, 3, 8], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<32x3x8xf32>> -> tensor<32x3x8xf32>
        %4 = tensor.empty() : tensor<2x4x3x8xf32>
        %5 = tensor.empty() : tensor<2x4x4x16xf32>
        %6 = tensor.empty() : tensor<2x4x16xf32>
        %7:3 = scf.forall (%arg7) in (2) shared_outs(%arg8 = %4, %arg9 = %5, %arg10 = %6) -> (tensor<2x4x3x8xf32>, tensor<2x4x4x16xf32>, tensor<2x4x16xf32>) {
          %8 = arith.divui %arg7, %c2 : index
          %9 = arith.remui %arg7, %c2 : index
          %10 = arith.muli %8, %c4 : index
          %11 = arith.muli %8, %c4 : index
          %extracted_slice = tensor.extract_slice %arg8[%9, %10, 0, 0] [1, 4, 3, 8] [1, 1, 1, 1] : tensor<2x4x3x8xf32> to tensor<4x3x8xf32>
          %extracted_slice_0 = tensor.extract_slice %extracted_slice[0, 0, 0] [4, 3, 8] [1, 1, 1] : tensor<4x3x8xf32> to tensor<4x3x8xf32>
          %12 = linalg.fill ins(%cst : f32) outs(%extracted_slice_0 : tensor<4x3x8xf32>) -> tensor<4x3x8xf32>
          %inserted_slice = tensor.insert_slice %12 into %extracted_slice[0, 0, 0] [4, 3, 8] [1, 1, 1] : tensor<4x3x8xf32> into tensor<4x3x8xf32>
          %extracted_slice_1 = tensor.extract_slice %arg9[%arg7, 0, 0, 0] [1, 4, 4, 16] [1, 1, 1, 1] : tensor<2x4x4x16xf32> to tensor<4x4x16xf32>
          %extracted_slice_2 = tensor.extract_slice %arg10[%arg7, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<2x4x16xf32> to tensor<4x16xf32>
          %13 = scf.for %arg11 = %c0 to %c4 step %c1 iter_args(%arg12 = %extracted_slice_1) -> (tensor<4x4x16xf32>) {
            %19 = scf.for %arg13 = %c0 to %c4 step %c1 iter_args(%arg14 = %arg12) -> (tensor<4x4x16xf32>) {
              %extracted_slice_12 = tensor.extract_slice %arg14[%arg11, %arg13, 0] [1, 1, 16] [1, 1, 1] : tensor<4x4x16xf32> to tensor<16xf32>
              %20 = linalg.fill ins(%cst : f32) outs(%extracted_slice_12 : tensor<16xf32>) -> tensor<16xf32>
              %inserted_slice_13 = tensor.insert_slice %20 into %arg14[%arg11, %arg13, 0] [1, 1, 16] [1, 1, 1] : tensor<16xf32> into tensor<4x4x16xf32>
              scf.yield %inserted_slice_13 : tensor<4x4x16xf32>
            }
            scf.yield %19 : tensor<4x4x16xf32>
          }
          %extracted_slice_3 = tensor.extract_slice %1[%9, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<2x4x16xf32> to tensor<4x16xf32>
          %14 = scf.for %arg11 = %c0 to %c4 step %c2 iter_args(%arg12 = %13) -> (tensor<4x4x16xf32>) {
            %extracted_slice_12 = tensor.extract_slice %0[%arg11, 0, 0] [2, 4, 4] [1, 1, 1] : tensor<4x4x4xf32> to tensor<2x4x4xf32>
            %19 = arith.subi %arg11, %11 : index
            %extracted_slice_13 = tensor.extract_slice %arg12[%19, 0, 0] [2, 4, 16] [1, 1, 1] : tensor<4x4x16xf32> to tensor<2x4x16xf32>
            %20 = linalg.fill ins(%cst : f32) outs(%extracted_slice_13 : tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
            %21 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%extracted_slice_12, %extracted_slice_3 : tensor<2x4x4xf32>, tensor<4x16xf32>) outs(%20 : tensor<2x4x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [0, 0, 0, 0], vector_common_parallel = [0, 0, 0, 0], vector_reduction = [0, 0, 0, 4]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
            ^bb0(%in: f32, %in_15: f32, %out: f32):
              %23 = arith.mulf %in, %in_15 : f32
              %24 = arith.addf %out, %23 : f32
              linalg.yield %24 : f32
            } -> tensor<2x4x16xf32>
            %22 = arith.muli %9, %c16 : index
            %inserted_slice_14 = tensor.insert_slice %21 into %arg12[%19, 0, 0] [2, 4, 16] [1, 1, 1] : tensor<2x4x16xf32> into tensor<4x4x16xf32>
            scf.yield %inserted_slice_14 : tensor<4x4x16xf32>
          }
          %15 = arith.muli %9, %c16 : index
          %extracted_slice_4 = tensor.extract_slice %2[0, 0, %15] [1, 1, 16] [1, 1, 1] : tensor<2x2x32xf32> to tensor<16xf32>
          %extracted_slice_5 = tensor.extract_slice %2[0, 1, %15] [1, 1, 16] [1, 1, 1] : tensor<2x2x32xf32> to tensor<16xf32>
          %extracted_slice_6 = tensor.extract_slice %2[1, 0, %15] [1, 1, 16] [1, 1, 1] : tensor<2x2x32xf32> to tensor<16xf32>
          %extracted_slice_7 = tensor.extract_slice %2[1, 1, %15] [1, 1, 16] [1, 1, 1] : tensor<2x2x32xf32> to tensor<16xf32>
          %16 = scf.for %arg11 = %c0 to %c2 step %c1 iter_args(%arg12 = %extracted_slice_2) -> (tensor<4x16xf32>) {
            %19 = arith.muli %arg11, %c2 : index
            %20 = arith.muli %arg11, %c2 : index
            %21 = arith.addi %19, %c1 : index
            %22 = arith.addi %19, %c1 : index
            %extracted_slice_12 = tensor.extract_slice %14[%19, 0, 0] [1, 2, 16] [1, 2, 1] : tensor<4x4x16xf32> to tensor<2x16xf32>
            %extracted_slice_13 = tensor.extract_slice %14[%19, 1, 0] [1, 2, 16] [1, 2, 1] : tensor<4x4x16xf32> to tensor<2x16xf32>
            %extracted_slice_14 = tensor.extract_slice %14[%21, 0, 0] [1, 2, 16] [1, 2, 1] : tensor<4x4x16xf32> to tensor<2x16xf32>
            %extracted_slice_15 = tensor.extract_slice %14[%22, 1, 0] [1, 2, 16] [1, 2, 1] : tensor<4x4x16xf32> to tensor<2x16xf32>
            %extracted_slice_16 = tensor.extract_slice %arg12[%20, 0] [2, 16] [1, 1] : tensor<4x16xf32> to tensor<2x16xf32>
            %23 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%extracted_slice_12, %extracted_slice_13, %extracted_slice_14, %extracted_slice_15, %extracted_slice_4, %extracted_slice_5, %extracted_slice_6, %extracted_slice_7 : tensor<2x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) outs(%extracted_slice_16 : tensor<2x16xf32>) {
            ^bb0(%in: f32, %in_18: f32, %in_19: f32, %in_20: f32, %in_21: f32, %in_22: f32, %in_23: f32, %in_24: f32, %out: f32):
              %24 = arith.mulf %in, %in_21 : f32
              %25 = arith.mulf %in_18, %in_22 : f32
              %26 = arith.addf %24, %25 : f32
              %27 = arith.mulf %in_19, %in_23 : f32
              %28 = arith.addf %26, %27 : f32
              %29 = arith.mulf %in_20, %in_24 : f32
              %30 = arith.addf %28, %29 : f32
              linalg.yield %30 : f32
            } -> tensor<2x16xf32>
            %inserted_slice_17 = tensor.insert_slice %23 into %arg12[%20, 0] [2, 16] [1, 1] : tensor<2x16xf32> into tensor<4x16xf32>
            scf.yield %inserted_slice_17 : tensor<4x16xf32>
          }
          %17 = arith.muli %9, %c16 : index
          %extracted_slice_8 = tensor.extract_slice %inserted_slice[0, 0, 0] [4, 3, 8] [1, 1, 1] : tensor<4x3x8xf32> to tensor<4x3x8xf32>
          %extracted_slice_9 = tensor.extract_slice %16[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> to tensor<4x16xf32>
          %extracted_slice_10 = tensor.extract_slice %3[%17, 0, 0] [16, 3, 8] [1, 1, 1] : tensor<32x3x8xf32> to tensor<16x3x8xf32>
          %18 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%extracted_slice_9, %extracted_slice_10 : tensor<4x16xf32>, tensor<16x3x8xf32>) outs(%extracted_slice_8 : tensor<4x3x8xf32>) attrs =  {lowering_config = #iree_cpu.lowering_config<distribution = [0, 0, 0, 0], vector_common_parallel = [0, 0, 0, 0], vector_reduction = [0, 0, 0, 8]>} {
          ^bb0(%in: f32, %in_12: f32, %out: f32):
            %19 = arith.mulf %in, %in_12 : f32
            %20 = arith.addf %out, %19 : f32
            linalg.yield %20 : f32
          } -> tensor<4x3x8xf32>
          %inserted_slice_11 = tensor.insert_slice %18 into %inserted_slice[0, 0, 0] [4, 3, 8] [1, 1, 1] : tensor<4x3x8xf32> into tensor<4x3x8xf32>
          scf.forall.in_parallel {
            tensor.parallel_insert_slice %inserted_slice_11 into %arg8[%9, %10, 0, 0] [1, 4, 3, 8] [1, 1, 1, 1] : tensor<4x3x8xf32> into tensor<2x4x3x8xf32>
            tensor.parallel_insert_slice %14 into %arg9[%arg7, 0, 0, 0] [1, 4, 4, 16] [1, 1, 1, 1] : tensor<4x4x16xf32> into tensor<2x4x4x16xf32>
            tensor.parallel_insert_slice %16 into %arg10[%arg7, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<4x16xf32> into tensor<2x4x16xf32>
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        iree_tensor_ext.dispatch.tensor.store %7#0, %arg4, offsets = [0, 0, 0, 0], sizes = [2, 4, 3, 8], strides = [1, 1, 1, 1] : tensor<2x4x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x3x8xf32>>
        iree_tensor_ext.dispatch.tensor.store %7#1, %arg5, offsets = [0, 0, 0, 0], sizes = [2, 4, 4, 16], strides = [1, 1, 1, 1] : tensor<2x4x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x4x16xf32>>
        iree_tensor_ext.dispatch.tensor.store %7#2, %arg6, offsets = [0, 0, 0], sizes = [2, 4, 16], strides = [1, 1, 1] : tensor<2x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x4x16xf32>>
        return
      }
    }
  }
  flow.executable private @p_block0_4x4x4x32x24_sum {
    flow.executable.export public @p_block0_4x4x4x32x24_sum workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @p_block0_4x4x4x32x24_sum(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x24xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<24xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x24xf32>>) {
        %cst = arith.constant 0.000000e+00 : f32
        %cst_0 = arith.constant 0.000000e+00 : f32
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 4, 24], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x24xf32>> -> tensor<2x4x24xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0], sizes = [24], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<24xf32>> -> tensor<24xf32>
        %extracted_slice = tensor.extract_slice %0[0, 0, 0] [1, 4, 24] [1, 1, 1] : tensor<2x4x24xf32> to tensor<4x24xf32>
        %extracted_slice_1 = tensor.extract_slice %0[1, 0, 0] [1, 4, 24] [1, 1, 1] : tensor<2x4x24xf32> to tensor<4x24xf32>
        %2 = tensor.empty() : tensor<4x24xf32>
        %3 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%extracted_slice, %extracted_slice_1, %1 : tensor<4x24xf32>, tensor<4x24xf32>, tensor<24xf32>) outs(%2 : tensor<4x24xf32>) {
        ^bb0(%in: f32, %in_2: f32, %in_3: f32, %out: f32):
          %4 = arith.addf %in, %in_2 : f32
          %5 = arith.addf %4, %in_3 : f32
          linalg.yield %5 : f32
        } -> tensor<4x24xf32>
        iree_tensor_ext.dispatch.tensor.store %3, %arg2, offsets = [0, 0], sizes = [4, 24], strides = [1, 1] : tensor<4x24xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x24xf32>>
        return
      }
    }
  }
  // as: @unpack
  util.func public @f(%arg0: tensor<4x4x4xf32>, %arg1: tensor<2x4x16xf32>, %arg2: tensor<2x2x32xf32>, %arg3: tensor<32x24xf32>, %arg4: tensor<24xf32>) -> tensor<4x24xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.dispatch @unpack::@unpack(%arg1) : (tensor<2x4x16xf32>) -> tensor<4x2x16xf32>
    %1 = flow.tensor.reshape %0 : tensor<4x2x16xf32> -> tensor<4x32xf32>
    %2 = flow.tensor.splat %cst : tensor<4x4x32xf32>
    %3 = flow.tensor.reshape %arg3 : tensor<32x24xf32> -> tensor<32x3x8xf32>
    %4:3 = flow.dispatch @p_block0_4x4x4x32x24::@p_block0_4x4x4x32x24(%arg0, %arg1, %arg2, %3) : (tensor<4x4x4xf32>, tensor<2x4x16xf32>, tensor<2x2x32xf32>, tensor<32x3x8xf32>) -> (tensor<2x4x3x8xf32>, tensor<2x4x4x16xf32>, tensor<2x4x16xf32>)
    %5 = flow.tensor.reshape %4#0 : tensor<2x4x3x8xf32> -> tensor<2x4x24xf32>
    %6 = flow.dispatch @p_block0_4x4x4x32x24_sum::@p_block0_4x4x4x32x24_sum(%5, %arg4) : (tensor<2x4x24xf32>, tensor<24xf32>) -> tensor<4x24xf32>
    util.return %6 : tensor<4x24xf32>
  }
}
// case: two of the same sizes have one kernel
// target: {"rules": "avx512"}
// before
module {
  flow.executable private @e_matmul {
    flow.executable.export public @e_matmul
    builtin.module {
      func.func @e_matmul(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>> -> tensor<2x2x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<2x2x16xf32>, tensor<16x16xf32>) outs(%zeros : tensor<2x2x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %into, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : tensor<2x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x16xf32>>
        return
      }
    }
  }
  // as: @e_matmul
  // - @e_matmul
  // + @d_conv
  // - readwrite
  // + writeonly
  // - 16x16xf32
  // + 1x1x16xf32
  // - 0], sizes = [16, 16], strides = [1
  // + 0, 0], sizes = [1, 1, 16], strides = [1, 1
  // - <(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel
  // + <(d0, d1, d2, d3, d4) -> (d0 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction
  // as: @e_matmul
  // - @e_matmul
  // + @p_matmul
  // - 2x2x16xf32
  // + 4x16xf32
  // - readwrite
  // + writeonly
  // - 0, 0], sizes = [2, 2, 16], strides = [1, 1
  // + 0], sizes = [4, 16], strides = [1
  // - (d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "
  // + (d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["
  util.func public @f(%x: tensor<2x2x16xf32>, %ek: tensor<16x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded0 = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide0 = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded0) : (tensor<2x2x16xf32>, tensor<16x16xf32>, tensor<2x2x16xf32>) -> %padded0
    %deep0 = flow.dispatch @d_conv::@d_conv(%wide0, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows0 = flow.tensor.reshape %deep0 : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y0 = flow.dispatch @p_matmul::@p_matmul(%rows0, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    %x1 = flow.tensor.reshape %y0 : tensor<4x16xf32> -> tensor<2x2x16xf32>
    %padded1 = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide1 = flow.dispatch @e_matmul::@e_matmul(%x1, %ek, %padded1) : (tensor<2x2x16xf32>, tensor<16x16xf32>, tensor<2x2x16xf32>) -> %padded1
    %deep1 = flow.dispatch @d_conv::@d_conv(%wide1, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows1 = flow.tensor.reshape %deep1 : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y1 = flow.dispatch @p_matmul::@p_matmul(%rows1, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y1 : tensor<4x16xf32>
  }
}
// after
module {
  flow.executable private @p_block0_2x2x16x16x16 {
    flow.executable.export public @p_block0_2x2x16x16x16 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @p_block0_2x2x16x16x16(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x1x16xf32>>, %arg3: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %arg4: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x16xf32>>, %arg5: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<1x2x2x16xf32>>, %arg6: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<1x4x16xf32>>) {
        %cst = arith.constant 0.000000e+00 : f32
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        %c4 = arith.constant 4 : index
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x16xf32>> -> tensor<2x2x16xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg2, offsets = [0, 0, 0], sizes = [1, 1, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x1x16xf32>> -> tensor<1x1x16xf32>
        %3 = iree_tensor_ext.dispatch.tensor.load %arg3, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %4 = tensor.empty() : tensor<4x16xf32>
        %5 = tensor.empty() : tensor<1x2x2x16xf32>
        %6 = tensor.empty() : tensor<1x4x16xf32>
        %7:3 = scf.forall (%arg7) in (1) shared_outs(%arg8 = %4, %arg9 = %5, %arg10 = %6) -> (tensor<4x16xf32>, tensor<1x2x2x16xf32>, tensor<1x4x16xf32>) {
          %8 = arith.muli %arg7, %c4 : index
          %9 = arith.muli %arg7, %c2 : index
          %extracted_slice = tensor.extract_slice %arg8[%8, 0] [4, 16] [1, 1] : tensor<4x16xf32> to tensor<4x16xf32>
          %extracted_slice_0 = tensor.extract_slice %extracted_slice[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> to tensor<4x16xf32>
          %10 = linalg.fill ins(%cst : f32) outs(%extracted_slice_0 : tensor<4x16xf32>) -> tensor<4x16xf32>
          %inserted_slice = tensor.insert_slice %10 into %extracted_slice[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> into tensor<4x16xf32>
          %extracted_slice_1 = tensor.extract_slice %arg9[%arg7, 0, 0, 0] [1, 2, 2, 16] [1, 1, 1, 1] : tensor<1x2x2x16xf32> to tensor<2x2x16xf32>
          %extracted_slice_2 = tensor.extract_slice %arg10[%arg7, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<1x4x16xf32> to tensor<4x16xf32>
          %11 = scf.for %arg11 = %c0 to %c2 step %c1 iter_args(%arg12 = %extracted_slice_1) -> (tensor<2x2x16xf32>) {
            %17 = scf.for %arg13 = %c0 to %c2 step %c1 iter_args(%arg14 = %arg12) -> (tensor<2x2x16xf32>) {
              %extracted_slice_12 = tensor.extract_slice %arg14[%arg11, %arg13, 0] [1, 1, 16] [1, 1, 1] : tensor<2x2x16xf32> to tensor<16xf32>
              %18 = linalg.fill ins(%cst : f32) outs(%extracted_slice_12 : tensor<16xf32>) -> tensor<16xf32>
              %inserted_slice_13 = tensor.insert_slice %18 into %arg14[%arg11, %arg13, 0] [1, 1, 16] [1, 1, 1] : tensor<16xf32> into tensor<2x2x16xf32>
              scf.yield %inserted_slice_13 : tensor<2x2x16xf32>
            }
            scf.yield %17 : tensor<2x2x16xf32>
          }
          %extracted_slice_3 = tensor.extract_slice %1[0, 0] [16, 16] [1, 1] : tensor<16x16xf32> to tensor<16x16xf32>
          %extracted_slice_4 = tensor.extract_slice %0[0, 0, 0] [2, 2, 16] [1, 1, 1] : tensor<2x2x16xf32> to tensor<2x2x16xf32>
          %12 = arith.subi %c0, %9 : index
          %extracted_slice_5 = tensor.extract_slice %11[%12, 0, 0] [2, 2, 16] [1, 1, 1] : tensor<2x2x16xf32> to tensor<2x2x16xf32>
          %13 = linalg.fill ins(%cst : f32) outs(%extracted_slice_5 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
          %14 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%extracted_slice_4, %extracted_slice_3 : tensor<2x2x16xf32>, tensor<16x16xf32>) outs(%13 : tensor<2x2x16xf32>) attrs =  {compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [0, 0, 0, 0], vector_common_parallel = [0, 0, 0, 0], vector_reduction = [0, 0, 0, 8]>, translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>} {
          ^bb0(%in: f32, %in_12: f32, %out: f32):
            %17 = arith.mulf %in, %in_12 : f32
            %18 = arith.addf %out, %17 : f32
            linalg.yield %18 : f32
          } -> tensor<2x2x16xf32>
          %inserted_slice_6 = tensor.insert_slice %14 into %11[%12, 0, 0] [2, 2, 16] [1, 1, 1] : tensor<2x2x16xf32> into tensor<2x2x16xf32>
          %extracted_slice_7 = tensor.extract_slice %2[0, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<1x1x16xf32> to tensor<16xf32>
          %15 = scf.for %arg11 = %c0 to %c2 step %c1 iter_args(%arg12 = %extracted_slice_2) -> (tensor<4x16xf32>) {
            %17 = arith.muli %arg11, %c2 : index
            %extracted_slice_12 = tensor.extract_slice %inserted_slice_6[%arg11, 0, 0] [1, 2, 16] [1, 1, 1] : tensor<2x2x16xf32> to tensor<2x16xf32>
            %extracted_slice_13 = tensor.extract_slice %arg12[%17, 0] [2, 16] [1, 1] : tensor<4x16xf32> to tensor<2x16xf32>
            %18 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%extracted_slice_12, %extracted_slice_7 : tensor<2x16xf32>, tensor<16xf32>) outs(%extracted_slice_13 : tensor<2x16xf32>) {
            ^bb0(%in: f32, %in_15: f32, %out: f32):
              %19 = arith.mulf %in, %in_15 : f32
              linalg.yield %19 : f32
            } -> tensor<2x16xf32>
            %inserted_slice_14 = tensor.insert_slice %18 into %arg12[%17, 0] [2, 16] [1, 1] : tensor<2x16xf32> into tensor<4x16xf32>
            scf.yield %inserted_slice_14 : tensor<4x16xf32>
          }
          %extracted_slice_8 = tensor.extract_slice %inserted_slice[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> to tensor<4x16xf32>
          %extracted_slice_9 = tensor.extract_slice %15[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> to tensor<4x16xf32>
          %extracted_slice_10 = tensor.extract_slice %3[0, 0] [16, 16] [1, 1] : tensor<16x16xf32> to tensor<16x16xf32>
          %16 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%extracted_slice_9, %extracted_slice_10 : tensor<4x16xf32>, tensor<16x16xf32>) outs(%extracted_slice_8 : tensor<4x16xf32>) attrs =  {lowering_config = #iree_cpu.lowering_config<distribution = [0, 0, 0], vector_common_parallel = [0, 0, 0], vector_reduction = [0, 0, 8]>} {
          ^bb0(%in: f32, %in_12: f32, %out: f32):
            %17 = arith.mulf %in, %in_12 : f32
            %18 = arith.addf %out, %17 : f32
            linalg.yield %18 : f32
          } -> tensor<4x16xf32>
          %inserted_slice_11 = tensor.insert_slice %16 into %inserted_slice[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> into tensor<4x16xf32>
          scf.forall.in_parallel {
            tensor.parallel_insert_slice %inserted_slice_11 into %arg8[%8, 0] [4, 16] [1, 1] : tensor<4x16xf32> into tensor<4x16xf32>
            tensor.parallel_insert_slice %inserted_slice_6 into %arg9[%arg7, 0, 0, 0] [1, 2, 2, 16] [1, 1, 1, 1] : tensor<2x2x16xf32> into tensor<1x2x2x16xf32>
            tensor.parallel_insert_slice %15 into %arg10[%arg7, 0, 0] [1, 4, 16] [1, 1, 1] : tensor<4x16xf32> into tensor<1x4x16xf32>
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        iree_tensor_ext.dispatch.tensor.store %7#0, %arg4, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : tensor<4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x16xf32>>
        iree_tensor_ext.dispatch.tensor.store %7#1, %arg5, offsets = [0, 0, 0, 0], sizes = [1, 2, 2, 16], strides = [1, 1, 1, 1] : tensor<1x2x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<1x2x2x16xf32>>
        iree_tensor_ext.dispatch.tensor.store %7#2, %arg6, offsets = [0, 0, 0], sizes = [1, 4, 16], strides = [1, 1, 1] : tensor<1x4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<1x4x16xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<2x2x16xf32>, %arg1: tensor<16x16xf32>, %arg2: tensor<1x1x16xf32>, %arg3: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<2x2x16xf32>
    %1:3 = flow.dispatch @p_block0_2x2x16x16x16::@p_block0_2x2x16x16x16(%arg0, %arg1, %arg2, %arg3) : (tensor<2x2x16xf32>, tensor<16x16xf32>, tensor<1x1x16xf32>, tensor<16x16xf32>) -> (tensor<4x16xf32>, tensor<1x2x2x16xf32>, tensor<1x4x16xf32>)
    %2 = flow.tensor.reshape %1#0 : tensor<4x16xf32> -> tensor<4x16xf32>
    %3 = flow.tensor.reshape %2 : tensor<4x16xf32> -> tensor<2x2x16xf32>
    %4 = flow.tensor.splat %cst : tensor<2x2x16xf32>
    %5:3 = flow.dispatch @p_block0_2x2x16x16x16::@p_block0_2x2x16x16x16(%3, %arg1, %arg2, %arg3) : (tensor<2x2x16xf32>, tensor<16x16xf32>, tensor<1x1x16xf32>, tensor<16x16xf32>) -> (tensor<4x16xf32>, tensor<1x2x2x16xf32>, tensor<1x4x16xf32>)
    %6 = flow.tensor.reshape %5#0 : tensor<4x16xf32> -> tensor<4x16xf32>
    util.return %6 : tensor<4x16xf32>
  }
}
// case: images in between that are read elsewhere, or whose border is not zero
// target: {"rules": "avx512"}
// unchanged
module {
  // as: @e_matmul
  // - 16x16xf32
  // + 4x16xf32
  // - readonly:tensor<2x2x16xf32>
  // + readonly:tensor<2x2x4xf32>
  // - 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x16xf32>
  // + 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x4xf32>
  // - [16, 16]
  // + [4, 16]
  // - <2x2x16xf32>, tensor
  // + <2x2x4xf32>, tensor
  // as: @e_matmul
  // - @e_matmul
  // + @d_conv
  // - readwrite
  // + writeonly
  // - 16x16xf32
  // + 1x1x16xf32
  // - 0], sizes = [16, 16], strides = [1
  // + 0, 0], sizes = [1, 1, 16], strides = [1, 1
  // - <(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel
  // + <(d0, d1, d2, d3, d4) -> (d0 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction
  flow.executable private @p_matmul {
    flow.executable.export public @p_matmul
    builtin.module {
      func.func @p_matmul(%rows: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %rows, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>) -> tensor<4x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x16xf32>, tensor<16x16xf32>) outs(%zeros : tensor<4x16xf32>) {
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
  // The padded image is read elsewhere.
  util.func public @padded(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> (tensor<4x16xf32>, tensor<2x2x16xf32>) {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y, %wide : tensor<4x16xf32>, tensor<2x2x16xf32>
  }
  // The depthwise convolution's image is read elsewhere.
  util.func public @deep(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> (tensor<4x16xf32>, tensor<2x2x16xf32>) {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y, %deep : tensor<4x16xf32>, tensor<2x2x16xf32>
  }
  // Its rows are.
  util.func public @rows(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y, %rows : tensor<4x16xf32>, tensor<4x16xf32>
  }
  // The border is not zero.
  util.func public @border(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %padded = flow.tensor.splat %one : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // The border is -0.
  util.func public @minus_zero(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %minus = arith.constant -0.0 : f32
    %padded = flow.tensor.splat %minus : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
}
// case: convolutions that are others, each the only one of its inverted residual
// target: {"rules": "avx512"}
// unchanged
module {
  // as: @e_matmul
  // - 16x16xf32
  // + 4x16xf32
  // - readonly:tensor<2x2x16xf32>
  // + readonly:tensor<2x2x4xf32>
  // - 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x16xf32>
  // + 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x4xf32>
  // - [16, 16]
  // + [4, 16]
  // - <2x2x16xf32>, tensor
  // + <2x2x4xf32>, tensor
  // as: @e_matmul
  // - @e_matmul
  // + @d_conv
  // - readwrite
  // + writeonly
  // - 16x16xf32
  // + 1x1x16xf32
  // - 0], sizes = [16, 16], strides = [1
  // + 0, 0], sizes = [1, 1, 16], strides = [1, 1
  // - <(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel
  // + <(d0, d1, d2, d3, d4) -> (d0 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction
  // as: @p_matmul
  flow.executable private @e_24 {
    flow.executable.export public @e_24
    builtin.module {
      func.func @e_24(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x24xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x24xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [2, 2, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [4, 24], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x24xf32>> -> tensor<4x24xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x24xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x24xf32>) -> tensor<2x2x24xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<2x2x4xf32>, tensor<4x24xf32>) outs(%zeros : tensor<2x2x24xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x24xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %into, offsets = [0, 0, 0], sizes = [2, 2, 24], strides = [1, 1, 1] : tensor<2x2x24xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x24xf32>>
        return
      }
    }
  }
  flow.executable private @d_24 {
    flow.executable.export public @d_24
    builtin.module {
      func.func @d_24(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x24xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x1x24xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x24xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [2, 2, 24], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x24xf32>> -> tensor<2x2x24xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0, 0], sizes = [1, 1, 24], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x1x24xf32>> -> tensor<1x1x24xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x24xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x24xf32>) -> tensor<2x2x24xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %k : tensor<2x2x24xf32>, tensor<1x1x24xf32>) outs(%zeros : tensor<2x2x24xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x24xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0, 0], sizes = [2, 2, 24], strides = [1, 1, 1] : tensor<2x2x24xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x24xf32>>
        return
      }
    }
  }
  flow.executable private @p_24 {
    flow.executable.export public @p_24
    builtin.module {
      func.func @p_24(%rows: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x24xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %rows, offsets = [0, 0], sizes = [4, 24], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x24xf32>> -> tensor<4x24xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [24, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x16xf32>> -> tensor<24x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>) -> tensor<4x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x24xf32>, tensor<24x16xf32>) outs(%zeros : tensor<4x16xf32>) {
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
  flow.executable private @p_12 {
    flow.executable.export public @p_12
    builtin.module {
      func.func @p_12(%rows: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x12xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x12xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %rows, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [16, 12], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x12xf32>> -> tensor<16x12xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x12xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x12xf32>) -> tensor<4x12xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x16xf32>, tensor<16x12xf32>) outs(%zeros : tensor<4x12xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<4x12xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0], sizes = [4, 12], strides = [1, 1] : tensor<4x12xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x12xf32>>
        return
      }
    }
  }
  flow.executable private @e_8x8 {
    flow.executable.export public @e_8x8
    builtin.module {
      func.func @e_8x8(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<8x8x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [2, 2, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<2x2x4xf32>, tensor<4x16xf32>) outs(%zeros : tensor<2x2x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %into, offsets = [3, 3, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : tensor<2x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<8x8x16xf32>>
        return
      }
    }
  }
  flow.executable private @d_window {
    flow.executable.export public @d_window
    builtin.module {
      func.func @d_window(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<7x7x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [8, 8, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x8x16xf32>> -> tensor<8x8x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0, 0], sizes = [7, 7, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<7x7x16xf32>> -> tensor<7x7x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %k : tensor<8x8x16xf32>, tensor<7x7x16xf32>) outs(%zeros : tensor<2x2x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : tensor<2x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x16xf32>>
        return
      }
    }
  }
  flow.executable private @e_4x2 {
    flow.executable.export public @e_4x2
    builtin.module {
      func.func @e_4x2(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x2x4xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<4x2x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [4, 2, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x2x4xf32>> -> tensor<4x2x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x2x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x2x16xf32>) -> tensor<4x2x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x2x4xf32>, tensor<4x16xf32>) outs(%zeros : tensor<4x2x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<4x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %into, offsets = [0, 0, 0], sizes = [4, 2, 16], strides = [1, 1, 1] : tensor<4x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<4x2x16xf32>>
        return
      }
    }
  }
  flow.executable private @d_strides {
    flow.executable.export public @d_strides
    builtin.module {
      func.func @d_strides(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x2x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x1x16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [4, 2, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x2x16xf32>> -> tensor<4x2x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0, 0], sizes = [1, 1, 16], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x1x16xf32>> -> tensor<1x1x16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 * 2 + d3, d1 + d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %k : tensor<4x2x16xf32>, tensor<1x1x16xf32>) outs(%zeros : tensor<2x2x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : tensor<2x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x16xf32>>
        return
      }
    }
  }
  // as: @e_8x8
  // - @e_8x8
  // + @e_one
  // - 8x8x16xf32
  // + 2x2x16xf32
  // - 0.0 : f32
  // + 1.0 : f32
  // - 3, 3, 0
  // + 0, 0, 0
  // as: @e_8x8
  // - @e_8x8
  // + @e_differences
  // - 8x8x16xf32
  // + 2x2x16xf32
  // - arith.mulf
  // + arith.subf
  // - 3, 3, 0
  // + 0, 0, 0
  flow.executable private @e_out {
    flow.executable.export public @e_out
    builtin.module {
      func.func @e_out(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %bias: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [2, 2, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %c = iree_tensor_ext.dispatch.tensor.load %bias, offsets = [0], sizes = [16], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>> -> tensor<16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<2x2x4xf32>, tensor<4x16xf32>) outs(%zeros : tensor<2x2x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x16xf32>
        %z = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%y, %c : tensor<2x2x16xf32>, tensor<16xf32>) outs(%empty : tensor<2x2x16xf32>) {
        ^bb0(%v: f32, %o0: f32, %out: f32):
          %w = arith.addf %v, %out : f32
          %u = arith.addf %w, %o0 : f32
          linalg.yield %u : f32
        } -> tensor<2x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %z, %into, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : tensor<2x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x16xf32>>
        return
      }
    }
  }
  flow.executable private @e_index {
    flow.executable.export public @e_index
    builtin.module {
      func.func @e_index(%image: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %bias: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %into: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %image, offsets = [0, 0, 0], sizes = [2, 2, 4], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x4xf32>> -> tensor<2x2x4xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %c = iree_tensor_ext.dispatch.tensor.load %bias, offsets = [0], sizes = [16], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>> -> tensor<16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<2x2x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %k : tensor<2x2x4xf32>, tensor<4x16xf32>) outs(%zeros : tensor<2x2x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<2x2x16xf32>
        %z = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%y, %c : tensor<2x2x16xf32>, tensor<16xf32>) outs(%empty : tensor<2x2x16xf32>) {
        ^bb0(%v: f32, %o0: f32, %out: f32):
          %i = linalg.index 2 : index
          %j = arith.index_cast %i : index to i32
          %w = arith.sitofp %j : i32 to f32
          %u = arith.addf %v, %w : f32
          %q = arith.addf %u, %o0 : f32
          linalg.yield %q : f32
        } -> tensor<2x2x16xf32>
        iree_tensor_ext.dispatch.tensor.store %z, %into, offsets = [0, 0, 0], sizes = [2, 2, 16], strides = [1, 1, 1] : tensor<2x2x16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x16xf32>>
        return
      }
    }
  }
  flow.executable private @p_own {
    flow.executable.export public @p_own
    builtin.module {
      func.func @p_own(%rows: !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>>, %weights: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>>, %bias: !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>>, %result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x16xf32>>) {
        %x = iree_tensor_ext.dispatch.tensor.load %rows, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<4x16xf32>> -> tensor<4x16xf32>
        %k = iree_tensor_ext.dispatch.tensor.load %weights, offsets = [0, 0], sizes = [16, 16], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16x16xf32>> -> tensor<16x16xf32>
        %c = iree_tensor_ext.dispatch.tensor.load %bias, offsets = [0], sizes = [16], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<16xf32>> -> tensor<16xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty() : tensor<4x16xf32>
        %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>) -> tensor<4x16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : tensor<4x16xf32>, tensor<16x16xf32>) outs(%zeros : tensor<4x16xf32>) {
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %acc, %p : f32
          linalg.yield %s : f32
        } -> tensor<4x16xf32>
        %z = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%y, %c, %x : tensor<4x16xf32>, tensor<16xf32>, tensor<4x16xf32>) outs(%empty : tensor<4x16xf32>) {
        ^bb0(%v: f32, %o0: f32, %o1: f32, %out: f32):
          %w = arith.addf %v, %o0 : f32
          %r = arith.addf %w, %o1 : f32
          linalg.yield %r : f32
        } -> tensor<4x16xf32>
        iree_tensor_ext.dispatch.tensor.store %z, %result, offsets = [0, 0], sizes = [4, 16], strides = [1, 1] : tensor<4x16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<4x16xf32>>
        return
      }
    }
  }
  // as: @p_own
  // - @p_own
  // + @p_pixel
  // - <16xf32>
  // + <4xf32>
  // - [16], strides
  // + [4], strides
  // - d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%y, %c, %x : tensor<4x16xf32>, tensor<4xf32>, tensor<4x16xf32
  // + d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%y, %c : tensor<4x16xf32>, tensor<4xf32
  // - %o1: f32, %out: f32
  // + %o1: f32
  // - %w = arith.addf
  // + %r = arith.addf
  // - %r = arith.addf %w, %o1 : f32
  // +
  // as: @e_8x8
  // - @e_8x8
  // + @e_part
  // - readonly:tensor<2x2x4xf32>
  // + readonly:tensor<3x2x4xf32>
  // - 8x8x16xf32
  // + 2x2x16xf32
  // - 3, 3, 0
  // + 0, 0, 0
  flow.executable private @fill_ones {
    flow.executable.export public @fill_ones
    builtin.module {
      func.func @fill_ones(%result: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<16xf32>>) {
        %one = arith.constant 1.0 : f32
        %empty = tensor.empty() : tensor<16xf32>
        %y = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%empty : tensor<16xf32>) {
        ^bb0(%out: f32):
          linalg.yield %one : f32
        } -> tensor<16xf32>
        iree_tensor_ext.dispatch.tensor.store %y, %result, offsets = [0], sizes = [16], strides = [1] : tensor<16xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<16xf32>>
        return
      }
    }
  }
  // Channels that fill no registers.
  util.func public @channels(%x: tensor<2x2x4xf32>, %ek: tensor<4x24xf32>, %taps: tensor<1x1x24xf32>, %pk: tensor<24x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x24xf32>
    %wide = flow.dispatch @e_24::@e_24(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x24xf32>, tensor<2x2x24xf32>) -> %padded
    %deep = flow.dispatch @d_24::@d_24(%wide, %taps) : (tensor<2x2x24xf32>, tensor<1x1x24xf32>) -> tensor<2x2x24xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x24xf32> -> tensor<4x24xf32>
    %y = flow.dispatch @p_24::@p_24(%rows, %pk) : (tensor<4x24xf32>, tensor<24x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // Columns that fill no registers.
  util.func public @columns(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x12xf32>) -> tensor<4x12xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_12::@p_12(%rows, %pk) : (tensor<4x16xf32>, tensor<16x12xf32>) -> tensor<4x12xf32>
    util.return %y : tensor<4x12xf32>
  }
  // A window that is too wide.
  util.func public @window(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<7x7x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<8x8x16xf32>
    %wide = flow.dispatch @e_8x8::@e_8x8(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<8x8x16xf32>) -> %padded
    %deep = flow.dispatch @d_window::@d_window(%wide, %taps) : (tensor<8x8x16xf32>, tensor<7x7x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // Strides that differ.
  util.func public @strides(%x: tensor<4x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<4x2x16xf32>
    %wide = flow.dispatch @e_4x2::@e_4x2(%x, %ek, %padded) : (tensor<4x2x4xf32>, tensor<4x16xf32>, tensor<4x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_strides::@d_strides(%wide, %taps) : (tensor<4x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // Sums that do not begin with zero.
  util.func public @first(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_one::@e_one(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // Sums of something else than products.
  util.func public @differences(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_differences::@e_differences(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // An epilogue that reads what was there before.
  util.func public @accumulated(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %eb: tensor<16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_out::@e_out(%x, %ek, %eb, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // An epilogue that counts its loops.
  util.func public @counted(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %eb: tensor<16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_index::@e_index(%x, %ek, %eb, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // An epilogue that reads the image again.
  util.func public @again(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>, %pb: tensor<16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_own::@p_own(%rows, %pk, %pb) : (tensor<4x16xf32>, tensor<16x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // An epilogue that reads a number for each pixel.
  util.func public @pixel(%x: tensor<2x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>, %pb: tensor<4xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_matmul::@e_matmul(%x, %ek, %padded) : (tensor<2x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_pixel::@p_pixel(%rows, %pk, %pb) : (tensor<4x16xf32>, tensor<16x16xf32>, tensor<4xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // An image of which a part is read.
  util.func public @part(%x: tensor<3x2x4xf32>, %ek: tensor<4x16xf32>, %taps: tensor<1x1x16xf32>, %pk: tensor<16x16xf32>) -> tensor<4x16xf32> {
    %zero = arith.constant 0.0 : f32
    %padded = flow.tensor.splat %zero : tensor<2x2x16xf32>
    %wide = flow.dispatch @e_part::@e_part(%x, %ek, %padded) : (tensor<3x2x4xf32>, tensor<4x16xf32>, tensor<2x2x16xf32>) -> %padded
    %deep = flow.dispatch @d_conv::@d_conv(%wide, %taps) : (tensor<2x2x16xf32>, tensor<1x1x16xf32>) -> tensor<2x2x16xf32>
    %rows = flow.tensor.reshape %deep : tensor<2x2x16xf32> -> tensor<4x16xf32>
    %y = flow.dispatch @p_matmul::@p_matmul(%rows, %pk) : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
    util.return %y : tensor<4x16xf32>
  }
  // No convolution, nor anything that it would read.
  util.func public @ones() -> tensor<16xf32> {
    %ones = flow.dispatch @fill_ones::@fill_ones() : () -> tensor<16xf32>
    util.return %ones : tensor<16xf32>
  }
}
