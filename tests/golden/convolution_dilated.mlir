// Convolution(ic=2, oc=3, window=Window(size=3, stride=1, padding='same', dilation=2), bias=False, groups=1)
module @convolution {
  func.func public @main(
      %x: tensor<2x5x6x2xf32>,
      %weight: tensor<3x3x2x3xf32>,
      %dy: tensor<2x5x6x3xf32>
  ) -> (
      tensor<2x5x6x3xf32>,
      tensor<2x5x6x2xf32>,
      tensor<3x3x2x3xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_conv = stablehlo.convolution(%x, %weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[2, 2], [2, 2]], rhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x5x6x2xf32>, tensor<3x3x2x3xf32>) -> tensor<2x5x6x3xf32>
    %block1_1_x_rows = stablehlo.reshape %dy : (tensor<2x5x6x3xf32>) -> tensor<60x3xf32>
    %block1_1_x_pad = stablehlo.pad %x, %c_0, low = [0, 2, 2, 0], high = [0, 2, 2, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x2xf32>, tensor<f32>) -> tensor<2x9x10x2xf32>
    %block1_1_x_phases = stablehlo.reshape %block1_1_x_pad : (tensor<2x9x10x2xf32>) -> tensor<2x9x1x10x1x2xf32>
    %block1_1_x_deep = stablehlo.reshape %block1_1_x_phases : (tensor<2x9x1x10x1x2xf32>) -> tensor<2x9x10x2xf32>
    %block1_1_x_at00 = stablehlo.slice %block1_1_x_deep [0:2, 0:5, 0:6, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at01 = stablehlo.slice %block1_1_x_deep [0:2, 0:5, 2:8, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at02 = stablehlo.slice %block1_1_x_deep [0:2, 0:5, 4:10, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at10 = stablehlo.slice %block1_1_x_deep [0:2, 2:7, 0:6, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at11 = stablehlo.slice %block1_1_x_deep [0:2, 2:7, 2:8, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at12 = stablehlo.slice %block1_1_x_deep [0:2, 2:7, 4:10, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at20 = stablehlo.slice %block1_1_x_deep [0:2, 4:9, 0:6, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at21 = stablehlo.slice %block1_1_x_deep [0:2, 4:9, 2:8, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_at22 = stablehlo.slice %block1_1_x_deep [0:2, 4:9, 4:10, 0:2] : (tensor<2x9x10x2xf32>) -> tensor<2x5x6x2xf32>
    %block1_1_x_patches = stablehlo.concatenate %block1_1_x_at00, %block1_1_x_at01, %block1_1_x_at02, %block1_1_x_at10, %block1_1_x_at11, %block1_1_x_at12, %block1_1_x_at20, %block1_1_x_at21, %block1_1_x_at22, dim = 3 : (tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>, tensor<2x5x6x2xf32>) -> tensor<2x5x6x18xf32>
    %block1_1_x_rows_2 = stablehlo.reshape %block1_1_x_patches : (tensor<2x5x6x18xf32>) -> tensor<60x18xf32>
    %block1_1_x_dweight = stablehlo.dot_general %block1_1_x_rows_2, %block1_1_x_rows, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<60x18xf32>, tensor<60x3xf32>) -> tensor<18x3xf32>
    %block1_1_x_places = stablehlo.reshape %block1_1_x_dweight : (tensor<18x3xf32>) -> tensor<3x3x1x1x2x3xf32>
    %block1_1_x_whole = stablehlo.reshape %block1_1_x_places : (tensor<3x3x1x1x2x3xf32>) -> tensor<3x3x2x3xf32>
    %block1_1_x_reversed = stablehlo.reverse %weight, dims = [0, 1] : tensor<3x3x2x3xf32>
    %block1_1_x_dx = stablehlo.convolution(%dy, %block1_1_x_reversed) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[2, 2], [2, 2]], rhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x5x6x3xf32>, tensor<3x3x2x3xf32>) -> tensor<2x5x6x2xf32>
    return %block1_1_x_conv, %block1_1_x_dx, %block1_1_x_whole : tensor<2x5x6x3xf32>, tensor<2x5x6x2xf32>, tensor<3x3x2x3xf32>
  }
}
