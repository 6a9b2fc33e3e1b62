// Convolution(ic=2, oc=3, window=Window(size=3, stride=2, padding='same'), bias=True)
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
    %block1_1_x_at00 = stablehlo.slice %block1_1_x_phases [0:2, 0:3, 0:1, 0:3, 0:1, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see00 = stablehlo.reshape %block1_1_x_at00 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_2 = stablehlo.reshape %block1_1_x_see00 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_at01 = stablehlo.slice %block1_1_x_phases [0:2, 0:3, 0:1, 0:3, 1:2, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see01 = stablehlo.reshape %block1_1_x_at01 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_3 = stablehlo.reshape %block1_1_x_see01 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_at02 = stablehlo.slice %block1_1_x_phases [0:2, 0:3, 0:1, 1:4, 0:1, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see02 = stablehlo.reshape %block1_1_x_at02 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_4 = stablehlo.reshape %block1_1_x_see02 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_at10 = stablehlo.slice %block1_1_x_phases [0:2, 0:3, 1:2, 0:3, 0:1, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see10 = stablehlo.reshape %block1_1_x_at10 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_5 = stablehlo.reshape %block1_1_x_see10 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_at11 = stablehlo.slice %block1_1_x_phases [0:2, 0:3, 1:2, 0:3, 1:2, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see11 = stablehlo.reshape %block1_1_x_at11 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_6 = stablehlo.reshape %block1_1_x_see11 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_at12 = stablehlo.slice %block1_1_x_phases [0:2, 0:3, 1:2, 1:4, 0:1, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see12 = stablehlo.reshape %block1_1_x_at12 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_7 = stablehlo.reshape %block1_1_x_see12 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_at20 = stablehlo.slice %block1_1_x_phases [0:2, 1:4, 0:1, 0:3, 0:1, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see20 = stablehlo.reshape %block1_1_x_at20 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_8 = stablehlo.reshape %block1_1_x_see20 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_at21 = stablehlo.slice %block1_1_x_phases [0:2, 1:4, 0:1, 0:3, 1:2, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see21 = stablehlo.reshape %block1_1_x_at21 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_9 = stablehlo.reshape %block1_1_x_see21 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_at22 = stablehlo.slice %block1_1_x_phases [0:2, 1:4, 0:1, 1:4, 0:1, 0:2] : (tensor<2x4x2x4x2x2xf32>) -> tensor<2x3x1x3x1x2xf32>
    %block1_1_x_see22 = stablehlo.reshape %block1_1_x_at22 : (tensor<2x3x1x3x1x2xf32>) -> tensor<2x3x3x2xf32>
    %block1_1_x_rows_10 = stablehlo.reshape %block1_1_x_see22 : (tensor<2x3x3x2xf32>) -> tensor<18x2xf32>
    %block1_1_x_patches = stablehlo.concatenate %block1_1_x_rows_2, %block1_1_x_rows_3, %block1_1_x_rows_4, %block1_1_x_rows_5, %block1_1_x_rows_6, %block1_1_x_rows_7, %block1_1_x_rows_8, %block1_1_x_rows_9, %block1_1_x_rows_10, dim = 1 : (tensor<18x2xf32>, tensor<18x2xf32>, tensor<18x2xf32>, tensor<18x2xf32>, tensor<18x2xf32>, tensor<18x2xf32>, tensor<18x2xf32>, tensor<18x2xf32>, tensor<18x2xf32>) -> tensor<18x18xf32>
    %block1_1_x_dweight = stablehlo.dot_general %block1_1_x_patches, %block1_1_x_rows, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<18x18xf32>, tensor<18x3xf32>) -> tensor<18x3xf32>
    %block1_1_x_reshaped = stablehlo.reshape %block1_1_x_dweight : (tensor<18x3xf32>) -> tensor<3x3x2x3xf32>
    %block1_1_x_dbias_image = stablehlo.reduce(%dy init: %c_0) applies stablehlo.add across dimensions = [1, 2] : (tensor<2x3x3x3xf32>, tensor<f32>) -> tensor<2x3xf32>
    %block1_1_x_dbias = stablehlo.reduce(%block1_1_x_dbias_image init: %c_0) applies stablehlo.add across dimensions = [0] : (tensor<2x3xf32>, tensor<f32>) -> tensor<3xf32>
    %block1_1_x_reversed = stablehlo.reverse %weight, dims = [0, 1] : tensor<3x3x2x3xf32>
    %block1_1_x_dx = stablehlo.convolution(%dy, %block1_1_x_reversed) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[1, 1], [2, 1]], lhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x3x3xf32>, tensor<3x3x2x3xf32>) -> tensor<2x5x6x2xf32>
    return %block1_1_x_biased, %block1_1_x_dx, %block1_1_x_reshaped, %block1_1_x_dbias : tensor<2x3x3x3xf32>, tensor<2x5x6x2xf32>, tensor<3x3x2x3xf32>, tensor<3xf32>
  }
}
