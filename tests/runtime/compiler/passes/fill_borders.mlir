// case: an image that is padded around; each of two dispatches gets a border, of one executable
// before
module {
  flow.executable private @write {
    flow.executable.export public @write
    builtin.module {
      func.func @write(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x3x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x3x8xf32>> -> tensor<2x3x3x8xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 1, 1, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : tensor<2x3x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<2x3x3x8xf32>) -> (tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<2x5x5x8xf32>
    %1 = flow.dispatch @write::@write(%arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %0
    %2 = flow.dispatch @write::@write(%arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %0
    util.return %1, %2 : tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>
  }
}
// after
module {
  flow.executable private @border_0_2x5x5x8 {
    flow.executable.export public @border_0_2x5x5x8 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @border_0_2x5x5x8(%arg0: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<400xf32>>, %arg1: i32) attributes {translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<Default>>} {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c200 = arith.constant 200 : index
        scf.forall (%arg2) in (2) {
          %0 = arith.muli %arg2, %c200 : index
          %c0_0 = arith.constant 0 : index
          %c48 = arith.constant 48 : index
          %c1_1 = arith.constant 1 : index
          %c1_2 = arith.constant 1 : index
          %c16 = arith.constant 16 : index
          %cst = arith.constant dense<0.000000e+00> : vector<16xf32>
          scf.for %arg3 = %c0 to %c1_1 step %c1 {
            %1 = arith.muli %arg3, %c1_2 : index
            %2 = arith.addi %1, %c0_0 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c48 step %c16 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<16xf32>
              %6 = vector.transfer_write %cst, %5[%c0] {in_bounds = [true]} : vector<16xf32>, tensor<16xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [16], strides = [1] : tensor<16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<400xf32>>
            }
          }
          %c72 = arith.constant 72 : index
          %c16_3 = arith.constant 16 : index
          %c2 = arith.constant 2 : index
          %c40 = arith.constant 40 : index
          %c16_4 = arith.constant 16 : index
          %cst_5 = arith.constant dense<0.000000e+00> : vector<16xf32>
          scf.for %arg3 = %c0 to %c2 step %c1 {
            %1 = arith.muli %arg3, %c40 : index
            %2 = arith.addi %1, %c72 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c16_3 step %c16_4 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<16xf32>
              %6 = vector.transfer_write %cst_5, %5[%c0] {in_bounds = [true]} : vector<16xf32>, tensor<16xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [16], strides = [1] : tensor<16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<400xf32>>
            }
          }
          %c152 = arith.constant 152 : index
          %c48_6 = arith.constant 48 : index
          %c1_7 = arith.constant 1 : index
          %c1_8 = arith.constant 1 : index
          %c16_9 = arith.constant 16 : index
          %cst_10 = arith.constant dense<0.000000e+00> : vector<16xf32>
          scf.for %arg3 = %c0 to %c1_7 step %c1 {
            %1 = arith.muli %arg3, %c1_8 : index
            %2 = arith.addi %1, %c152 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c48_6 step %c16_9 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<16xf32>
              %6 = vector.transfer_write %cst_10, %5[%c0] {in_bounds = [true]} : vector<16xf32>, tensor<16xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [16], strides = [1] : tensor<16xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<400xf32>>
            }
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        return
      }
    }
  }
  // as: @write
  util.func public @f(%arg0: tensor<2x3x3x8xf32>) -> (tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<2x5x5x8xf32>
    %c0_i32 = arith.constant 0 : i32
    %1 = flow.tensor.empty : tensor<400xf32>
    %2 = flow.dispatch @border_0_2x5x5x8::@border_0_2x5x5x8(%1, %c0_i32) : (tensor<400xf32>, i32) -> %1
    %3 = flow.tensor.reshape %2 : tensor<400xf32> -> tensor<2x5x5x8xf32>
    %4 = flow.dispatch @write::@write(%arg0, %3) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %3
    %c1_i32 = arith.constant 1 : i32
    %5 = flow.tensor.empty : tensor<400xf32>
    %6 = flow.dispatch @border_0_2x5x5x8::@border_0_2x5x5x8(%5, %c1_i32) : (tensor<400xf32>, i32) -> %5
    %7 = flow.tensor.reshape %6 : tensor<400xf32> -> tensor<2x5x5x8xf32>
    %8 = flow.dispatch @write::@write(%arg0, %7) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %7
    util.return %4, %8 : tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>
  }
}
// case: below and on the right, with another value
// before
module {
  flow.executable private @write {
    flow.executable.export public @write
    builtin.module {
      func.func @write(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x1xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x5x4x1xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0, 0], sizes = [1, 3, 3, 1], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x3x3x1xf32>> -> tensor<1x3x3x1xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 0, 0], sizes = [1, 3, 3, 1], strides = [1, 1, 1, 1] : tensor<1x3x3x1xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<1x5x4x1xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<1x3x3x1xf32>) -> tensor<1x5x4x1xf32> {
    %cst = arith.constant -2.500000e-01 : f32
    %0 = flow.tensor.splat %cst : tensor<1x5x4x1xf32>
    %1 = flow.dispatch @write::@write(%arg0, %0) : (tensor<1x3x3x1xf32>, tensor<1x5x4x1xf32>) -> %0
    util.return %1 : tensor<1x5x4x1xf32>
  }
}
// after
module {
  flow.executable private @border_0_1x5x4x1 {
    flow.executable.export public @border_0_1x5x4x1 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @border_0_1x5x4x1(%arg0: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<20xf32>>, %arg1: i32) attributes {translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<Default>>} {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c20 = arith.constant 20 : index
        scf.forall (%arg2) in (1) {
          %0 = arith.muli %arg2, %c20 : index
          %c3 = arith.constant 3 : index
          %c1_0 = arith.constant 1 : index
          %c2 = arith.constant 2 : index
          %c4 = arith.constant 4 : index
          %c1_1 = arith.constant 1 : index
          %cst = arith.constant dense<-2.500000e-01> : vector<1xf32>
          scf.for %arg3 = %c0 to %c2 step %c1 {
            %1 = arith.muli %arg3, %c4 : index
            %2 = arith.addi %1, %c3 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c1_0 step %c1_1 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<1xf32>
              %6 = vector.transfer_write %cst, %5[%c0] {in_bounds = [true]} : vector<1xf32>, tensor<1xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [1], strides = [1] : tensor<1xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<20xf32>>
            }
          }
          %c11 = arith.constant 11 : index
          %c9 = arith.constant 9 : index
          %c1_2 = arith.constant 1 : index
          %c1_3 = arith.constant 1 : index
          %c1_4 = arith.constant 1 : index
          %cst_5 = arith.constant dense<-2.500000e-01> : vector<1xf32>
          scf.for %arg3 = %c0 to %c1_2 step %c1 {
            %1 = arith.muli %arg3, %c1_3 : index
            %2 = arith.addi %1, %c11 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c9 step %c1_4 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<1xf32>
              %6 = vector.transfer_write %cst_5, %5[%c0] {in_bounds = [true]} : vector<1xf32>, tensor<1xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [1], strides = [1] : tensor<1xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<20xf32>>
            }
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        return
      }
    }
  }
  // as: @write
  util.func public @f(%arg0: tensor<1x3x3x1xf32>) -> tensor<1x5x4x1xf32> {
    %cst = arith.constant -2.500000e-01 : f32
    %0 = flow.tensor.splat %cst : tensor<1x5x4x1xf32>
    %c0_i32 = arith.constant 0 : i32
    %1 = flow.tensor.empty : tensor<20xf32>
    %2 = flow.dispatch @border_0_1x5x4x1::@border_0_1x5x4x1(%1, %c0_i32) : (tensor<20xf32>, i32) -> %1
    %3 = flow.tensor.reshape %2 : tensor<20xf32> -> tensor<1x5x4x1xf32>
    %4 = flow.dispatch @write::@write(%arg0, %3) : (tensor<1x3x3x1xf32>, tensor<1x5x4x1xf32>) -> %3
    util.return %4 : tensor<1x5x4x1xf32>
  }
}
// case: above
// before
module {
  flow.executable private @write {
    flow.executable.export public @write
    builtin.module {
      func.func @write(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x6x3xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x6x3xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0, 0], sizes = [2, 4, 6, 3], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x4x6x3xf32>> -> tensor<2x4x6x3xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 1, 0, 0], sizes = [2, 4, 6, 3], strides = [1, 1, 1, 1] : tensor<2x4x6x3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x6x3xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<2x4x6x3xf32>) -> tensor<2x5x6x3xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<2x5x6x3xf32>
    %1 = flow.dispatch @write::@write(%arg0, %0) : (tensor<2x4x6x3xf32>, tensor<2x5x6x3xf32>) -> %0
    util.return %1 : tensor<2x5x6x3xf32>
  }
}
// after
module {
  flow.executable private @border_0_2x5x6x3 {
    flow.executable.export public @border_0_2x5x6x3 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @border_0_2x5x6x3(%arg0: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<180xf32>>, %arg1: i32) attributes {translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<Default>>} {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c90 = arith.constant 90 : index
        scf.forall (%arg2) in (2) {
          %0 = arith.muli %arg2, %c90 : index
          %c0_0 = arith.constant 0 : index
          %c18 = arith.constant 18 : index
          %c1_1 = arith.constant 1 : index
          %c1_2 = arith.constant 1 : index
          %c2 = arith.constant 2 : index
          %cst = arith.constant dense<0.000000e+00> : vector<2xf32>
          scf.for %arg3 = %c0 to %c1_1 step %c1 {
            %1 = arith.muli %arg3, %c1_2 : index
            %2 = arith.addi %1, %c0_0 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c18 step %c2 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<2xf32>
              %6 = vector.transfer_write %cst, %5[%c0] {in_bounds = [true]} : vector<2xf32>, tensor<2xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [2], strides = [1] : tensor<2xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<180xf32>>
            }
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        return
      }
    }
  }
  // as: @write
  util.func public @f(%arg0: tensor<2x4x6x3xf32>) -> tensor<2x5x6x3xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<2x5x6x3xf32>
    %c0_i32 = arith.constant 0 : i32
    %1 = flow.tensor.empty : tensor<180xf32>
    %2 = flow.dispatch @border_0_2x5x6x3::@border_0_2x5x6x3(%1, %c0_i32) : (tensor<180xf32>, i32) -> %1
    %3 = flow.tensor.reshape %2 : tensor<180xf32> -> tensor<2x5x6x3xf32>
    %4 = flow.dispatch @write::@write(%arg0, %3) : (tensor<2x4x6x3xf32>, tensor<2x5x6x3xf32>) -> %3
    util.return %4 : tensor<2x5x6x3xf32>
  }
}
// case: channels: a matrix is a row of pixels and their channels
// before
// as: above
// - 2x5x6x3xf32
// + 2x2x3x11xf32
// - 2x4x6x3xf32
// + 2x2x3x8xf32
// - 4, 6, 3
// + 2, 3, 8
// - 1, 0, 0
// + 0, 0, 3
// after
module {
  flow.executable private @border_0_2x2x3x11 {
    flow.executable.export public @border_0_2x2x3x11 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @border_0_2x2x3x11(%arg0: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<132xf32>>, %arg1: i32) attributes {translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<Default>>} {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c33 = arith.constant 33 : index
        scf.forall (%arg2) in (4) {
          %0 = arith.muli %arg2, %c33 : index
          %c0_0 = arith.constant 0 : index
          %c3 = arith.constant 3 : index
          %c1_1 = arith.constant 1 : index
          %c1_2 = arith.constant 1 : index
          %c1_3 = arith.constant 1 : index
          %cst = arith.constant dense<0.000000e+00> : vector<1xf32>
          scf.for %arg3 = %c0 to %c1_1 step %c1 {
            %1 = arith.muli %arg3, %c1_2 : index
            %2 = arith.addi %1, %c0_0 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c3 step %c1_3 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<1xf32>
              %6 = vector.transfer_write %cst, %5[%c0] {in_bounds = [true]} : vector<1xf32>, tensor<1xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [1], strides = [1] : tensor<1xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<132xf32>>
            }
          }
          %c11 = arith.constant 11 : index
          %c3_4 = arith.constant 3 : index
          %c2 = arith.constant 2 : index
          %c11_5 = arith.constant 11 : index
          %c1_6 = arith.constant 1 : index
          %cst_7 = arith.constant dense<0.000000e+00> : vector<1xf32>
          scf.for %arg3 = %c0 to %c2 step %c1 {
            %1 = arith.muli %arg3, %c11_5 : index
            %2 = arith.addi %1, %c11 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c3_4 step %c1_6 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<1xf32>
              %6 = vector.transfer_write %cst_7, %5[%c0] {in_bounds = [true]} : vector<1xf32>, tensor<1xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [1], strides = [1] : tensor<1xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<132xf32>>
            }
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        return
      }
    }
  }
  flow.executable private @write {
    flow.executable.export public @write
    builtin.module {
      func.func @write(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x3x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x3x11xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0, 0], sizes = [2, 2, 3, 8], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x2x3x8xf32>> -> tensor<2x2x3x8xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 0, 3], sizes = [2, 2, 3, 8], strides = [1, 1, 1, 1] : tensor<2x2x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x2x3x11xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<2x2x3x8xf32>) -> tensor<2x2x3x11xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<2x2x3x11xf32>
    %c0_i32 = arith.constant 0 : i32
    %1 = flow.tensor.empty : tensor<132xf32>
    %2 = flow.dispatch @border_0_2x2x3x11::@border_0_2x2x3x11(%1, %c0_i32) : (tensor<132xf32>, i32) -> %1
    %3 = flow.tensor.reshape %2 : tensor<132xf32> -> tensor<2x2x3x11xf32>
    %4 = flow.dispatch @write::@write(%arg0, %3) : (tensor<2x2x3x8xf32>, tensor<2x2x3x11xf32>) -> %3
    util.return %4 : tensor<2x2x3x11xf32>
  }
}
// case: images: all of a batch is one matrix
// before
// as: above
// - 2x5x6x3xf32
// + 3x2x3x4xf32
// - 2x4x6x3xf32
// + 1x2x3x4xf32
// - 2, 4, 6, 3
// + 1, 2, 3, 4
// - 0, 1, 0
// + 1, 0, 0
// after
module {
  flow.executable private @border_0_3x2x3x4 {
    flow.executable.export public @border_0_3x2x3x4 workgroups() -> (index, index, index) {
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }
    builtin.module {
      func.func @border_0_3x2x3x4(%arg0: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<72xf32>>, %arg1: i32) attributes {translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<Default>>} {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c72 = arith.constant 72 : index
        scf.forall (%arg2) in (1) {
          %0 = arith.muli %arg2, %c72 : index
          %c0_0 = arith.constant 0 : index
          %c24 = arith.constant 24 : index
          %c1_1 = arith.constant 1 : index
          %c1_2 = arith.constant 1 : index
          %c8 = arith.constant 8 : index
          %cst = arith.constant dense<0.000000e+00> : vector<8xf32>
          scf.for %arg3 = %c0 to %c1_1 step %c1 {
            %1 = arith.muli %arg3, %c1_2 : index
            %2 = arith.addi %1, %c0_0 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c24 step %c8 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<8xf32>
              %6 = vector.transfer_write %cst, %5[%c0] {in_bounds = [true]} : vector<8xf32>, tensor<8xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [8], strides = [1] : tensor<8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<72xf32>>
            }
          }
          %c48 = arith.constant 48 : index
          %c24_3 = arith.constant 24 : index
          %c1_4 = arith.constant 1 : index
          %c1_5 = arith.constant 1 : index
          %c8_6 = arith.constant 8 : index
          %cst_7 = arith.constant dense<0.000000e+00> : vector<8xf32>
          scf.for %arg3 = %c0 to %c1_4 step %c1 {
            %1 = arith.muli %arg3, %c1_5 : index
            %2 = arith.addi %1, %c48 : index
            %3 = arith.addi %0, %2 : index
            scf.for %arg4 = %c0 to %c24_3 step %c8_6 {
              %4 = arith.addi %3, %arg4 : index
              %5 = tensor.empty() : tensor<8xf32>
              %6 = vector.transfer_write %cst_7, %5[%c0] {in_bounds = [true]} : vector<8xf32>, tensor<8xf32>
              iree_tensor_ext.dispatch.tensor.store %6, %arg0, offsets = [%4], sizes = [8], strides = [1] : tensor<8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<72xf32>>
            }
          }
        } {mapping = [#iree_codegen.workgroup_mapping<x>]}
        return
      }
    }
  }
  flow.executable private @write {
    flow.executable.export public @write
    builtin.module {
      func.func @write(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x2x3x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<3x2x3x4xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0, 0], sizes = [1, 2, 3, 4], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x2x3x4xf32>> -> tensor<1x2x3x4xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [1, 0, 0, 0], sizes = [1, 2, 3, 4], strides = [1, 1, 1, 1] : tensor<1x2x3x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<3x2x3x4xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<1x2x3x4xf32>) -> tensor<3x2x3x4xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<3x2x3x4xf32>
    %c0_i32 = arith.constant 0 : i32
    %1 = flow.tensor.empty : tensor<72xf32>
    %2 = flow.dispatch @border_0_3x2x3x4::@border_0_3x2x3x4(%1, %c0_i32) : (tensor<72xf32>, i32) -> %1
    %3 = flow.tensor.reshape %2 : tensor<72xf32> -> tensor<3x2x3x4xf32>
    %4 = flow.dispatch @write::@write(%arg0, %3) : (tensor<1x2x3x4xf32>, tensor<3x2x3x4xf32>) -> %3
    util.return %4 : tensor<3x2x3x4xf32>
  }
}
// case: axes that lie apart: images and columns
// unchanged
// as: above
// - 2x5x6x3xf32
// + 2x5x5x8xf32
// - 2x4x6x3xf32
// + 1x5x3x8xf32
// - 2, 4, 6, 3
// + 1, 5, 3, 8
// - 1, 0, 0
// + 0, 1, 0
// case: every other pixel
// unchanged
// as: an image that is padded around; each of two dispatches gets a border, of one executable
// - 1, 1, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1
// + 0, 0, 0], sizes = [2, 3, 3, 8], strides = [1, 2, 2
// - (tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>)
// + tensor<2x5x5x8xf32>
// - %2 = flow.dispatch @write::@write(%arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %0
// +
// - %1, %2 : tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>
// + %1 : tensor<2x5x5x8xf32>
// case: an image that nothing pads
// unchanged
// as: above
// - 2x5x6x3xf32
// + 2x5x5x8xf32
// - 2x4x6x3xf32
// + 2x5x5x8xf32
// - 4, 6, 3
// + 5, 5, 8
// - 1, 0, 0
// + 0, 0, 0
// case: a vector
// unchanged
module {
  flow.executable private @write {
    flow.executable.export public @write
    builtin.module {
      func.func @write(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<3xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0], sizes = [3], strides = [1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<3xf32>> -> tensor<3xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [1], sizes = [3], strides = [1] : tensor<3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<3xf32>) -> tensor<5xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<5xf32>
    %1 = flow.dispatch @write::@write(%arg0, %0) : (tensor<3xf32>, tensor<5xf32>) -> %0
    util.return %1 : tensor<5xf32>
  }
}
// case: an image that the kernel reads
// unchanged
// as: an image that is padded around; each of two dispatches gets a border, of one executable
// - iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 1, 1, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : tensor<2x3x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>
// + iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 1, 1, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : tensor<2x3x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>
// + %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0, 0, 0], sizes = [2, 5, 5, 8], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>> -> tensor<2x5x5x8xf32>
// - (tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>)
// + tensor<2x5x5x8xf32>
// - %2 = flow.dispatch @write::@write(%arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %0
// +
// - %1, %2 : tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>
// + %1 : tensor<2x5x5x8xf32>
// case: an image that the kernel writes into twice
// unchanged
// as: an image that is padded around; each of two dispatches gets a border, of one executable
// - iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 1, 1, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : tensor<2x3x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>
// + iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 1, 1, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : tensor<2x3x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>
// + iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 0, 0, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : tensor<2x3x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>
// - (tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>)
// + tensor<2x5x5x8xf32>
// - %2 = flow.dispatch @write::@write(%arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %0
// +
// - %1, %2 : tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>
// + %1 : tensor<2x5x5x8xf32>
// case: an image that the dispatch reads as another operand
// unchanged
module {
  flow.executable private @write {
    flow.executable.export public @write
    builtin.module {
      func.func @write(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x3x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x5x5x8xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x3x8xf32>> -> tensor<2x3x3x8xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [0, 1, 1, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : tensor<2x3x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>
        return
      }
    }
  }
  util.func public @f(%arg0: tensor<2x3x3x8xf32>) -> tensor<2x5x5x8xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %0 = flow.tensor.splat %cst : tensor<2x5x5x8xf32>
    %1 = flow.dispatch @write::@write(%arg0, %0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>) -> %0
    util.return %1 : tensor<2x5x5x8xf32>
  }
}
// case: an image of another shape
// unchanged
// as: an image that the dispatch reads as another operand
// - <readwrite:tensor<2x5x5x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x5x5x8xf32>>
// + <readwrite:tensor<2x5x5x8xf32>>
// - 2x5x5x8xf32
// + 2x5x10x4xf32
// - readwrite:tensor<2x5x10x4xf32>
// + readwrite:tensor<2x5x5x8xf32>
// - %arg0, %0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x10x4xf32>, tensor<2x5x10x4xf32>
// + %arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x10x4xf32>
// case: an image that is no fill
// unchanged
// as: an image that the dispatch reads as another operand
// - <readwrite:tensor<2x5x5x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x5x5x8xf32>>
// + <readwrite:tensor<2x5x5x8xf32>>
// - %0 = flow.tensor.splat %cst
// + %new = flow.tensor.empty
// - (%arg0, %0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>) -> %0
// + (%arg0, %new) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %new
// case: a place that is known at run time alone
// unchanged
// as: an image that the dispatch reads as another operand
// - <readwrite:tensor<2x5x5x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x5x5x8xf32>>
// + <readwrite:tensor<2x5x5x8xf32>>
// - iree_tensor_ext.dispatch.tensor.store %0
// + %c1 = arith.constant 1 : index
// + iree_tensor_ext.dispatch.tensor.store %0
// - 1, 1, 0
// + %c1, 1, 0
// - %arg0, %0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>
// + %arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>
// case: a fill with a value that is computed
// unchanged
module {
  // as: @write
  // - <readwrite:tensor<2x5x5x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x5x5x8xf32>>
  // + <readwrite:tensor<2x5x5x8xf32>>
  util.func public @f(%arg0: tensor<2x3x3x8xf32>, %arg1: f32) -> tensor<2x5x5x8xf32> {
    %0 = arith.negf %arg1 : f32
    %1 = flow.tensor.splat %0 : tensor<2x5x5x8xf32>
    %2 = flow.dispatch @write::@write(%arg0, %1) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %1
    util.return %2 : tensor<2x5x5x8xf32>
  }
}
// case: a fill with a value that is unknown
// unchanged
// as: an image that is padded around; each of two dispatches gets a border, of one executable
// - (%arg0: tensor<2x3x3x8xf32>) -> (tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>)
// + (%arg0: tensor<2x3x3x8xf32>, %arg1: f32) -> tensor<2x5x5x8xf32>
// - %cst = arith.constant 0.000000e+00 : f32
// +
// - %cst : tensor
// + %arg1 : tensor
// - %2 = flow.dispatch @write::@write(%arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %0
// +
// - %1, %2 : tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>
// + %1 : tensor<2x5x5x8xf32>
// case: a result that is written elsewhere
// unchanged
// as: an image that the dispatch reads as another operand
// - <readwrite:tensor<2x5x5x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x5x5x8xf32>>
// + <readwrite:tensor<2x5x5x8xf32>>
// - (%arg0, %0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>, tensor<2x5x5x8xf32>) -> %0
// + (%arg0, %0) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> tensor<2x5x5x8xf32>
