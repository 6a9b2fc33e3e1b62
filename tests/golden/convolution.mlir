// Convolution(ic=2, oc=3, window=Window(size=3, stride=2, padding='same', dilation=1), bias=True, groups=1)
module @convolution {
  func.func public @main(
      %x: tensor<2x5x6x2xf32>,
      %weight: tensor<3x3x2x3xf32>,
      %bias: tensor<3xf32>,
      %dy: tensor<2x3x3x3xf32>
  ) -> (
      tensor<2x3x3x3xf32>,
      tensor<2x5x6x2xf32>,
      tensor<3x3x2x3xf32>,
      tensor<3xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_conv = stablehlo.convolution(%x, %weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2], pad = [[1, 1], [0, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x5x6x2xf32>, tensor<3x3x2x3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_each = stablehlo.broadcast_in_dim %bias, dims = [3] : (tensor<3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_biased = stablehlo.add %block1_1_x_conv, %block1_1_x_each : tensor<2x3x3x3xf32>
    %block1_1_x_rows = stablehlo.reshape %dy : (tensor<2x3x3x3xf32>) -> tensor<18x3xf32>
    %block1_1_x_pad = stablehlo.pad %x, %c_0, low = [0, 1, 0, 0], high = [0, 2, 2, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x2xf32>, tensor<f32>) -> tensor<2x8x8x2xf32>
    %block1_1_x_phases = stablehlo.reshape %block1_1_x_pad : (tensor<2x8x8x2xf32>) -> tensor<2x4x2x4x2x2xf32>
    %block1_1_x_deep = stablehlo.transpose %block1_1_x_phases, dims = [0, 1, 3, 2, 4, 5] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x4x4x2x2x2xf32>
    %block1_1_x_deep_2 = stablehlo.reshape %block1_1_x_deep : (tensor<2x4x4x2x2x2xf32>) -> tensor<2x4x4x8xf32>
    %block1_1_x_at00 = stablehlo.slice %block1_1_x_deep_2 [0:2, 0:3, 0:3, 0:8] : (tensor<2x4x4x8xf32>) -> tensor<2x3x3x8xf32>
    %block1_1_x_at01 = stablehlo.slice %block1_1_x_deep_2 [0:2, 0:3, 1:4, 0:8] : (tensor<2x4x4x8xf32>) -> tensor<2x3x3x8xf32>
    %block1_1_x_at10 = stablehlo.slice %block1_1_x_deep_2 [0:2, 1:4, 0:3, 0:8] : (tensor<2x4x4x8xf32>) -> tensor<2x3x3x8xf32>
    %block1_1_x_at11 = stablehlo.slice %block1_1_x_deep_2 [0:2, 1:4, 1:4, 0:8] : (tensor<2x4x4x8xf32>) -> tensor<2x3x3x8xf32>
    %block1_1_x_patches = stablehlo.concatenate %block1_1_x_at00, %block1_1_x_at01, %block1_1_x_at10, %block1_1_x_at11, dim = 3 : (tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>) -> tensor<2x3x3x32xf32>
    %block1_1_x_rows_2 = stablehlo.reshape %block1_1_x_patches : (tensor<2x3x3x32xf32>) -> tensor<18x32xf32>
    %block1_1_x_dweight = stablehlo.dot_general %block1_1_x_rows_2, %block1_1_x_rows, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<18x32xf32>, tensor<18x3xf32>) -> tensor<32x3xf32>
    %block1_1_x_places = stablehlo.reshape %block1_1_x_dweight : (tensor<32x3xf32>) -> tensor<2x2x2x2x2x3xf32>
    %block1_1_x_places_2 = stablehlo.transpose %block1_1_x_places, dims = [0, 2, 1, 3, 4, 5] : (tensor<2x2x2x2x2x3xf32>) -> tensor<2x2x2x2x2x3xf32>
    %block1_1_x_whole = stablehlo.reshape %block1_1_x_places_2 : (tensor<2x2x2x2x2x3xf32>) -> tensor<4x4x2x3xf32>
    %block1_1_x_kernel = stablehlo.slice %block1_1_x_whole [0:3, 0:3, 0:2, 0:3] : (tensor<4x4x2x3xf32>) -> tensor<3x3x2x3xf32>
    %block1_1_x_dbias_image = stablehlo.reduce(%dy init: %c_0) applies stablehlo.add across dimensions = [1, 2] : (tensor<2x3x3x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    %block1_1_x_dbias = stablehlo.reduce(%block1_1_x_dbias_image init: %c_0) applies stablehlo.add across dimensions = [0] : (tensor<2x3xf32>, tensor<f32>) -> tensor<3xf32>
    %block1_1_x_places_3 = stablehlo.pad %weight, %c_0, low = [0, 0, 0, 0], high = [1, 1, 0, 0], interior = [0, 0, 0, 0] : (tensor<3x3x2x3xf32>, tensor<f32>) -> tensor<4x4x2x3xf32>
    %block1_1_x_places_4 = stablehlo.reshape %block1_1_x_places_3 : (tensor<4x4x2x3xf32>) -> tensor<2x2x2x2x2x3xf32>
    %block1_1_x_phase = stablehlo.slice %block1_1_x_places_4 [0:2, 1:2, 0:2, 0:1, 0:2, 0:3] : (tensor<2x2x2x2x2x3xf32>) -> tensor<2x1x2x1x2x3xf32>
    %block1_1_x_phase_2 = stablehlo.reshape %block1_1_x_phase : (tensor<2x1x2x1x2x3xf32>) -> tensor<2x2x2x3xf32>
    %block1_1_x_reversed = stablehlo.reverse %block1_1_x_phase_2, dims = [0, 1] : tensor<2x2x2x3xf32>
    %block1_1_x_dx = stablehlo.convolution(%dy, %block1_1_x_reversed) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[1, 0], [1, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x3x3xf32>, tensor<2x2x2x3xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_phase_3 = stablehlo.slice %block1_1_x_places_4 [0:1, 1:2, 0:1, 1:2, 0:2, 0:3] : (tensor<2x2x2x2x2x3xf32>) -> tensor<1x1x1x1x2x3xf32>
    %block1_1_x_phase_4 = stablehlo.reshape %block1_1_x_phase_3 : (tensor<1x1x1x1x2x3xf32>) -> tensor<1x1x2x3xf32>
    %block1_1_x_dx_2 = stablehlo.convolution(%dy, %block1_1_x_phase_4) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x3x3xf32>, tensor<1x1x2x3xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_phase_5 = stablehlo.slice %block1_1_x_places_4 [0:2, 0:1, 0:2, 0:1, 0:2, 0:3] : (tensor<2x2x2x2x2x3xf32>) -> tensor<2x1x2x1x2x3xf32>
    %block1_1_x_phase_6 = stablehlo.reshape %block1_1_x_phase_5 : (tensor<2x1x2x1x2x3xf32>) -> tensor<2x2x2x3xf32>
    %block1_1_x_reversed_2 = stablehlo.reverse %block1_1_x_phase_6, dims = [0, 1] : tensor<2x2x2x3xf32>
    %block1_1_x_dx_3 = stablehlo.convolution(%dy, %block1_1_x_reversed_2) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[0, 1], [1, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x3x3xf32>, tensor<2x2x2x3xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_phase_7 = stablehlo.slice %block1_1_x_places_4 [0:2, 0:1, 0:2, 1:2, 0:2, 0:3] : (tensor<2x2x2x2x2x3xf32>) -> tensor<2x1x2x1x2x3xf32>
    %block1_1_x_phase_8 = stablehlo.reshape %block1_1_x_phase_7 : (tensor<2x1x2x1x2x3xf32>) -> tensor<2x2x2x3xf32>
    %block1_1_x_reversed_3 = stablehlo.reverse %block1_1_x_phase_8, dims = [0, 1] : tensor<2x2x2x3xf32>
    %block1_1_x_dx_4 = stablehlo.convolution(%dy, %block1_1_x_reversed_3) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[0, 1], [1, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x3x3xf32>, tensor<2x2x2x3xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_phases_2 = stablehlo.concatenate %block1_1_x_dx, %block1_1_x_dx_2, %block1_1_x_dx_3, %block1_1_x_dx_4, dim = 0 : (tensor<2x3x3x2xf32>, tensor<2x3x3x2xf32>, tensor<2x3x3x2xf32>, tensor<2x3x3x2xf32>) -> tensor<8x3x3x2xf32>
    %block1_1_x_phases_3 = stablehlo.reshape %block1_1_x_phases_2 : (tensor<8x3x3x2xf32>) -> tensor<2x2x2x3x3x2xf32>
    %block1_1_x_whole_2 = stablehlo.transpose %block1_1_x_phases_3, dims = [2, 3, 0, 4, 1, 5] : (tensor<2x2x2x3x3x2xf32>) -> tensor<2x3x2x3x2x2xf32>
    %block1_1_x_whole_3 = stablehlo.reshape %block1_1_x_whole_2 : (tensor<2x3x2x3x2x2xf32>) -> tensor<2x6x6x2xf32>
    %block1_1_x_dx_5 = stablehlo.slice %block1_1_x_whole_3 [0:2, 0:5, 0:6, 0:2] : (tensor<2x6x6x2xf32>) -> tensor<2x5x6x2xf32>
    return %block1_1_x_biased, %block1_1_x_dx_5, %block1_1_x_kernel, %block1_1_x_dbias : tensor<2x3x3x3xf32>, tensor<2x5x6x2xf32>, tensor<3x3x2x3xf32>, tensor<3xf32>
  }
}
