// Depthwise(channels=3, window=Window(size=3, stride=2, padding='same', dilation=1), bias=False)
module @depthwise {
  func.func public @main(
      %x: tensor<2x5x6x3xf32>,
      %weight: tensor<3x3x1x3xf32>,
      %dy: tensor<2x3x3x3xf32>
  ) -> (
      tensor<2x3x3x3xf32>,
      tensor<2x5x6x3xf32>,
      tensor<3x3x1x3xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_pad = stablehlo.pad %x, %c_0, low = [0, 1, 0, 0], high = [0, 2, 1, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x3xf32>, tensor<f32>) -> tensor<2x8x7x3xf32>
    %block1_1_x_conv = stablehlo.convolution(%block1_1_x_pad, %weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2], pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 3 : i64} : (tensor<2x8x7x3xf32>, tensor<3x3x1x3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_around = stablehlo.pad %dy, %c_0, low = [0, 0, 1, 0], high = [0, 1, 0, 0], interior = [0, 0, 0, 0] : (tensor<2x3x3x3xf32>, tensor<f32>) -> tensor<2x4x4x3xf32>
    %block1_1_x_tall = stablehlo.reshape %block1_1_x_pad : (tensor<2x8x7x3xf32>) -> tensor<1x16x7x3xf32>
    %block1_1_x_stacked = stablehlo.reshape %block1_1_x_around : (tensor<2x4x4x3xf32>) -> tensor<8x4x1x3xf32>
    %block1_1_x_piece = stablehlo.slice %block1_1_x_tall [0:1, 0:7, 0:7, 0:3] : (tensor<1x16x7x3xf32>) -> tensor<1x7x7x3xf32>
    %block1_1_x_kernel = stablehlo.slice %block1_1_x_stacked [0:3, 1:4, 0:1, 0:3] : (tensor<8x4x1x3xf32>) -> tensor<3x3x1x3xf32>
    %block1_1_x_part = stablehlo.convolution(%block1_1_x_piece, %block1_1_x_kernel) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]], rhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 3 : i64} : (tensor<1x7x7x3xf32>, tensor<3x3x1x3xf32>) -> tensor<1x3x3x3xf32>
    %block1_1_x_piece_2 = stablehlo.slice %block1_1_x_tall [0:1, 8:15, 0:7, 0:3] : (tensor<1x16x7x3xf32>) -> tensor<1x7x7x3xf32>
    %block1_1_x_kernel_2 = stablehlo.slice %block1_1_x_stacked [4:7, 1:4, 0:1, 0:3] : (tensor<8x4x1x3xf32>) -> tensor<3x3x1x3xf32>
    %block1_1_x_part_2 = stablehlo.convolution(%block1_1_x_piece_2, %block1_1_x_kernel_2) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]], rhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 3 : i64} : (tensor<1x7x7x3xf32>, tensor<3x3x1x3xf32>) -> tensor<1x3x3x3xf32>
    %block1_1_x_parts = stablehlo.concatenate %block1_1_x_part, %block1_1_x_part_2, dim = 0 : (tensor<1x3x3x3xf32>, tensor<1x3x3x3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_dweight = stablehlo.reduce(%block1_1_x_parts init: %c_0) applies stablehlo.add across dimensions = [0] : (tensor<2x3x3x3xf32>, tensor<f32>) -> tensor<3x3x3xf32>
    %block1_1_x_dweight_2 = stablehlo.reshape %block1_1_x_dweight : (tensor<3x3x3xf32>) -> tensor<3x3x1x3xf32>
    %block1_1_x_table = stablehlo.pad %weight, %c_0, low = [1, 0, 0, 0], high = [0, 1, 0, 0], interior = [0, 0, 0, 0] : (tensor<3x3x1x3xf32>, tensor<f32>) -> tensor<4x4x1x3xf32>
    %block1_1_x_table_2 = stablehlo.reshape %block1_1_x_table : (tensor<4x4x1x3xf32>) -> tensor<2x2x2x2x3xf32>
    %block1_1_x_at00 = stablehlo.slice %block1_1_x_around [0:2, 1:4, 1:4, 0:3] : (tensor<2x4x4x3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_taps00 = stablehlo.slice %block1_1_x_table_2 [0:1, 0:2, 0:1, 0:2, 0:3] : (tensor<2x2x2x2x3xf32>) -> tensor<1x2x1x2x3xf32>
    %block1_1_x_taps00_2 = stablehlo.reshape %block1_1_x_taps00 : (tensor<1x2x1x2x3xf32>) -> tensor<2x2x3xf32>
    %block1_1_x_everywhere = stablehlo.broadcast_in_dim %block1_1_x_at00, dims = [0, 1, 3, 5] : (tensor<2x3x3x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_everywhere_2 = stablehlo.broadcast_in_dim %block1_1_x_taps00_2, dims = [2, 4, 5] : (tensor<2x2x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_part00 = stablehlo.multiply %block1_1_x_everywhere, %block1_1_x_everywhere_2 : tensor<2x3x2x3x2x3xf32>
    %block1_1_x_at01 = stablehlo.slice %block1_1_x_around [0:2, 1:4, 0:3, 0:3] : (tensor<2x4x4x3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_taps01 = stablehlo.slice %block1_1_x_table_2 [0:1, 0:2, 1:2, 0:2, 0:3] : (tensor<2x2x2x2x3xf32>) -> tensor<1x2x1x2x3xf32>
    %block1_1_x_taps01_2 = stablehlo.reshape %block1_1_x_taps01 : (tensor<1x2x1x2x3xf32>) -> tensor<2x2x3xf32>
    %block1_1_x_everywhere_3 = stablehlo.broadcast_in_dim %block1_1_x_at01, dims = [0, 1, 3, 5] : (tensor<2x3x3x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_everywhere_4 = stablehlo.broadcast_in_dim %block1_1_x_taps01_2, dims = [2, 4, 5] : (tensor<2x2x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_part01 = stablehlo.multiply %block1_1_x_everywhere_3, %block1_1_x_everywhere_4 : tensor<2x3x2x3x2x3xf32>
    %block1_1_x_dx = stablehlo.add %block1_1_x_part00, %block1_1_x_part01 : tensor<2x3x2x3x2x3xf32>
    %block1_1_x_at10 = stablehlo.slice %block1_1_x_around [0:2, 0:3, 1:4, 0:3] : (tensor<2x4x4x3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_taps10 = stablehlo.slice %block1_1_x_table_2 [1:2, 0:2, 0:1, 0:2, 0:3] : (tensor<2x2x2x2x3xf32>) -> tensor<1x2x1x2x3xf32>
    %block1_1_x_taps10_2 = stablehlo.reshape %block1_1_x_taps10 : (tensor<1x2x1x2x3xf32>) -> tensor<2x2x3xf32>
    %block1_1_x_everywhere_5 = stablehlo.broadcast_in_dim %block1_1_x_at10, dims = [0, 1, 3, 5] : (tensor<2x3x3x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_everywhere_6 = stablehlo.broadcast_in_dim %block1_1_x_taps10_2, dims = [2, 4, 5] : (tensor<2x2x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_part10 = stablehlo.multiply %block1_1_x_everywhere_5, %block1_1_x_everywhere_6 : tensor<2x3x2x3x2x3xf32>
    %block1_1_x_dx_2 = stablehlo.add %block1_1_x_dx, %block1_1_x_part10 : tensor<2x3x2x3x2x3xf32>
    %block1_1_x_at11 = stablehlo.slice %block1_1_x_around [0:2, 0:3, 0:3, 0:3] : (tensor<2x4x4x3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_taps11 = stablehlo.slice %block1_1_x_table_2 [1:2, 0:2, 1:2, 0:2, 0:3] : (tensor<2x2x2x2x3xf32>) -> tensor<1x2x1x2x3xf32>
    %block1_1_x_taps11_2 = stablehlo.reshape %block1_1_x_taps11 : (tensor<1x2x1x2x3xf32>) -> tensor<2x2x3xf32>
    %block1_1_x_everywhere_7 = stablehlo.broadcast_in_dim %block1_1_x_at11, dims = [0, 1, 3, 5] : (tensor<2x3x3x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_everywhere_8 = stablehlo.broadcast_in_dim %block1_1_x_taps11_2, dims = [2, 4, 5] : (tensor<2x2x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_part11 = stablehlo.multiply %block1_1_x_everywhere_7, %block1_1_x_everywhere_8 : tensor<2x3x2x3x2x3xf32>
    %block1_1_x_dx_3 = stablehlo.add %block1_1_x_dx_2, %block1_1_x_part11 : tensor<2x3x2x3x2x3xf32>
    %block1_1_x_dx_4 = stablehlo.reshape %block1_1_x_dx_3 : (tensor<2x3x2x3x2x3xf32>) -> tensor<2x6x6x3xf32>
    %block1_1_x_dx_5 = stablehlo.slice %block1_1_x_dx_4 [0:2, 0:5, 0:6, 0:3] : (tensor<2x6x6x3xf32>) -> tensor<2x5x6x3xf32>
    return %block1_1_x_conv, %block1_1_x_dx_5, %block1_1_x_dweight_2 : tensor<2x3x3x3xf32>, tensor<2x5x6x3xf32>, tensor<3x3x1x3xf32>
  }
}
