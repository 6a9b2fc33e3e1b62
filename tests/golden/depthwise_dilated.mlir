// Depthwise(channels=3, window=Window(size=3, stride=1, padding='same', dilation=2), bias=False)
module @depthwise {
  func.func public @main(
      %x: tensor<2x5x6x3xf32>,
      %weight: tensor<3x3x1x3xf32>,
      %dy: tensor<2x5x6x3xf32>
  ) -> (
      tensor<2x5x6x3xf32>,
      tensor<2x5x6x3xf32>,
      tensor<3x3x1x3xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_pad = stablehlo.pad %x, %c_0, low = [0, 2, 2, 0], high = [0, 2, 2, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x3xf32>, tensor<f32>) -> tensor<2x9x10x3xf32>
    %block1_1_x_conv = stablehlo.convolution(%block1_1_x_pad, %weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]], rhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 3 : i64} : (tensor<2x9x10x3xf32>, tensor<3x3x1x3xf32>) -> tensor<2x5x6x3xf32>
    %block1_1_x_around = stablehlo.pad %dy, %c_0, low = [0, 2, 2, 0], high = [0, 2, 2, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x3xf32>, tensor<f32>) -> tensor<2x9x10x3xf32>
    %block1_1_x_tall = stablehlo.reshape %block1_1_x_pad : (tensor<2x9x10x3xf32>) -> tensor<1x18x10x3xf32>
    %block1_1_x_stacked = stablehlo.reshape %block1_1_x_around : (tensor<2x9x10x3xf32>) -> tensor<18x10x1x3xf32>
    %block1_1_x_piece = stablehlo.slice %block1_1_x_tall [0:1, 0:9, 0:10, 0:3] : (tensor<1x18x10x3xf32>) -> tensor<1x9x10x3xf32>
    %block1_1_x_kernel = stablehlo.slice %block1_1_x_stacked [2:7, 2:8, 0:1, 0:3] : (tensor<18x10x1x3xf32>) -> tensor<5x6x1x3xf32>
    %block1_1_x_part = stablehlo.convolution(%block1_1_x_piece, %block1_1_x_kernel) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2], pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 3 : i64} : (tensor<1x9x10x3xf32>, tensor<5x6x1x3xf32>) -> tensor<1x3x3x3xf32>
    %block1_1_x_piece_2 = stablehlo.slice %block1_1_x_tall [0:1, 9:18, 0:10, 0:3] : (tensor<1x18x10x3xf32>) -> tensor<1x9x10x3xf32>
    %block1_1_x_kernel_2 = stablehlo.slice %block1_1_x_stacked [11:16, 2:8, 0:1, 0:3] : (tensor<18x10x1x3xf32>) -> tensor<5x6x1x3xf32>
    %block1_1_x_part_2 = stablehlo.convolution(%block1_1_x_piece_2, %block1_1_x_kernel_2) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2], pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 3 : i64} : (tensor<1x9x10x3xf32>, tensor<5x6x1x3xf32>) -> tensor<1x3x3x3xf32>
    %block1_1_x_parts = stablehlo.concatenate %block1_1_x_part, %block1_1_x_part_2, dim = 0 : (tensor<1x3x3x3xf32>, tensor<1x3x3x3xf32>) -> tensor<2x3x3x3xf32>
    %block1_1_x_dweight = stablehlo.reduce(%block1_1_x_parts init: %c_0) applies stablehlo.add across dimensions = [0] : (tensor<2x3x3x3xf32>, tensor<f32>) -> tensor<3x3x3xf32>
    %block1_1_x_dweight_2 = stablehlo.reshape %block1_1_x_dweight : (tensor<3x3x3xf32>) -> tensor<3x3x1x3xf32>
    %block1_1_x_reversed = stablehlo.reverse %weight, dims = [0, 1] : tensor<3x3x1x3xf32>
    %block1_1_x_dx = stablehlo.convolution(%block1_1_x_around, %block1_1_x_reversed) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]], rhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 3 : i64} : (tensor<2x9x10x3xf32>, tensor<3x3x1x3xf32>) -> tensor<2x5x6x3xf32>
    return %block1_1_x_conv, %block1_1_x_dx, %block1_1_x_dweight_2 : tensor<2x5x6x3xf32>, tensor<2x5x6x3xf32>, tensor<3x3x1x3xf32>
  }
}
