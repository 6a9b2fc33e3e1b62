// Convolution(ic=4, oc=6, window=Window(size=3, stride=1, padding='same', dilation=1), bias=False, groups=2)
module @convolution {
  func.func public @main(
      %x: tensor<2x5x6x4xf32>,
      %weight: tensor<3x3x2x6xf32>,
      %dy: tensor<2x5x6x6xf32>
  ) -> (
      tensor<2x5x6x6xf32>,
      tensor<2x5x6x4xf32>,
      tensor<3x3x2x6xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_group = stablehlo.slice %x [0:2, 0:5, 0:6, 0:2] : (tensor<2x5x6x4xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_group_2 = stablehlo.slice %x [0:2, 0:5, 0:6, 2:4] : (tensor<2x5x6x4xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_group_3 = stablehlo.slice %weight [0:3, 0:3, 0:2, 0:3] : (tensor<3x3x2x6xf32>) -> tensor<3x3x2x3xf32>
    %block1_1_x_group_4 = stablehlo.slice %weight [0:3, 0:3, 0:2, 3:6] : (tensor<3x3x2x6xf32>) -> tensor<3x3x2x3xf32>
    %block1_1_x_conv = stablehlo.convolution(%block1_1_x_group, %block1_1_x_group_3) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x5x6x2xf32>, tensor<3x3x2x3xf32>) -> tensor<2x5x6x3xf32>
    %block1_1_x_conv_2 = stablehlo.convolution(%block1_1_x_group_2, %block1_1_x_group_4) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x5x6x2xf32>, tensor<3x3x2x3xf32>) -> tensor<2x5x6x3xf32>
    %block1_1_x_convs = stablehlo.concatenate %block1_1_x_conv, %block1_1_x_conv_2, dim = 3 : (tensor<2x5x6x3xf32>, tensor<2x5x6x3xf32>) -> tensor<2x5x6x6xf32>
    %block1_1_x_group_5 = stablehlo.slice %dy [0:2, 0:5, 0:6, 0:3] : (tensor<2x5x6x6xf32>) -> tensor<2x5x6x3xf32>
    %block1_1_x_group_6 = stablehlo.slice %dy [0:2, 0:5, 0:6, 3:6] : (tensor<2x5x6x6xf32>) -> tensor<2x5x6x3xf32>
    %block1_1_x_rows = stablehlo.reshape %block1_1_x_group_5 : (tensor<2x5x6x3xf32>) -> tensor<60x3xf32>
    %block1_1_x_pad = stablehlo.pad %block1_1_x_group, %c_0, low = [0, 1, 1, 0], high = [0, 1, 1, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x2xf32>, tensor<f32>) -> tensor<2x7x8x2xf32>
    %block1_1_x_phases = stablehlo.reshape %block1_1_x_pad : (tensor<2x7x8x2xf32>) -> tensor<2x7x1x8x1x2xf32>
    %block1_1_x_deep = stablehlo.reshape %block1_1_x_phases : (tensor<2x7x1x8x1x2xf32>) -> tensor<2x7x8x2xf32>
    %block1_1_x_at00 = stablehlo.slice %block1_1_x_deep [0:2, 0:5, 0:6, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at01 = stablehlo.slice %block1_1_x_deep [0:2, 0:5, 1:7, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at02 = stablehlo.slice %block1_1_x_deep [0:2, 0:5, 2:8, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at10 = stablehlo.slice %block1_1_x_deep [0:2, 1:6, 0:6, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at11 = stablehlo.slice %block1_1_x_deep [0:2, 1:6, 1:7, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at12 = stablehlo.slice %block1_1_x_deep [0:2, 1:6, 2:8, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at20 = stablehlo.slice %block1_1_x_deep [0:2, 2:7, 0:6, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at21 = stablehlo.slice %block1_1_x_deep [0:2, 2:7, 1:7, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at22 = stablehlo.slice %block1_1_x_deep [0:2, 2:7, 2:8, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_patches = stablehlo.concatenate %block1_1_x_at00, %block1_1_x_at01, %block1_1_x_at02, %block1_1_x_at10, %block1_1_x_at11, %block1_1_x_at12, %block1_1_x_at20, %block1_1_x_at21, %block1_1_x_at22, dim = 3 : (tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>) -> tensor<2x5x6x18xf32>
    %block1_1_x_rows_2 = stablehlo.reshape %block1_1_x_patches : (tensor<2x5x6x18xf32>) -> tensor<60x18xf32>
    %block1_1_x_dweight = stablehlo.dot_general %block1_1_x_rows_2, %block1_1_x_rows, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<60x18xf32>, tensor<60x3xf32>) -> tensor<18x3xf32>
    %block1_1_x_places = stablehlo.reshape %block1_1_x_dweight : (tensor<18x3xf32>) -> tensor<3x3x1x1x2x3xf32>
    %block1_1_x_whole = stablehlo.reshape %block1_1_x_places : (tensor<3x3x1x1x2x3xf32>) -> tensor<3x3x2x3xf32>
    %block1_1_x_rows_3 = stablehlo.reshape %block1_1_x_group_6 : (tensor<2x5x6x3xf32>) -> tensor<60x3xf32>
    %block1_1_x_pad_2 = stablehlo.pad %block1_1_x_group_2, %c_0, low = [0, 1, 1, 0], high = [0, 1, 1, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x2xf32>, tensor<f32>) -> tensor<2x7x8x2xf32>
    %block1_1_x_phases_2 = stablehlo.reshape %block1_1_x_pad_2 : (tensor<2x7x8x2xf32>) -> tensor<2x7x1x8x1x2xf32>
    %block1_1_x_deep_2 = stablehlo.reshape %block1_1_x_phases_2 : (tensor<2x7x1x8x1x2xf32>) -> tensor<2x7x8x2xf32>
    %block1_1_x_at00_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 0:5, 0:6, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at01_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 0:5, 1:7, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at02_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 0:5, 2:8, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at10_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 1:6, 0:6, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at11_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 1:6, 1:7, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at12_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 1:6, 2:8, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at20_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 2:7, 0:6, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at21_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 2:7, 1:7, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at22_2 = stablehlo.slice %block1_1_x_deep_2 [0:2, 2:7, 2:8, 0:2] : (tensor<2x7x8x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_patches_2 = stablehlo.concatenate %block1_1_x_at00_2, %block1_1_x_at01_2, %block1_1_x_at02_2, %block1_1_x_at10_2, %block1_1_x_at11_2, %block1_1_x_at12_2, %block1_1_x_at20_2, %block1_1_x_at21_2, %block1_1_x_at22_2, dim = 3 : (tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>) -> tensor<2x5x6x18xf32>
    %block1_1_x_rows_4 = stablehlo.reshape %block1_1_x_patches_2 : (tensor<2x5x6x18xf32>) -> tensor<60x18xf32>
    %block1_1_x_dweight_2 = stablehlo.dot_general %block1_1_x_rows_4, %block1_1_x_rows_3, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<60x18xf32>, tensor<60x3xf32>) -> tensor<18x3xf32>
    %block1_1_x_places_2 = stablehlo.reshape %block1_1_x_dweight_2 : (tensor<18x3xf32>) -> tensor<3x3x1x1x2x3xf32>
    %block1_1_x_whole_2 = stablehlo.reshape %block1_1_x_places_2 : (tensor<3x3x1x1x2x3xf32>) -> tensor<3x3x2x3xf32>
    %block1_1_x_dweights = stablehlo.concatenate %block1_1_x_whole, %block1_1_x_whole_2, dim = 3 : (tensor<3x3x2x3xf32>, tensor<3x3x2x3xf32>) -> tensor<3x3x2x6xf32>
    %block1_1_x_reversed = stablehlo.reverse %block1_1_x_group_3, dims = [0, 1] : tensor<3x3x2x3xf32>
    %block1_1_x_dx = stablehlo.convolution(%block1_1_x_group_5, %block1_1_x_reversed) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x5x6x3xf32>, tensor<3x3x2x3xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_reversed_2 = stablehlo.reverse %block1_1_x_group_4, dims = [0, 1] : tensor<3x3x2x3xf32>
    %block1_1_x_dx_2 = stablehlo.convolution(%block1_1_x_group_6, %block1_1_x_reversed_2) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x5x6x3xf32>, tensor<3x3x2x3xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_dx_3 = stablehlo.concatenate %block1_1_x_dx, %block1_1_x_dx_2, dim = 3 : (tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>) -> tensor<2x5x6x4xf32>
    return %block1_1_x_convs, %block1_1_x_dx_3, %block1_1_x_dweights : tensor<2x5x6x6xf32>, tensor<2x5x6x4xf32>, tensor<3x3x2x6xf32>
  }
}
