// AveragePool(window=Window(size=2, stride=2, padding='valid', dilation=1), counts_padding=True)
module @average_pool {
  func.func public @main(
      %x: tensor<1x4x6x2xf32>,
      %dy: tensor<1x2x3x2xf32>
  ) -> (
      tensor<1x2x3x2xf32>,
      tensor<1x4x6x2xf32>
  ) {
    %c_4 = stablehlo.constant dense<4.0> : tensor<1x2x3x2xf32>
    %block1_1_x_phases = stablehlo.reshape %x : (tensor<1x4x6x2xf32>) -> tensor<1x2x2x3x2x2xf32>
    %block1_1_x_at00 = stablehlo.slice %block1_1_x_phases [0:1, 0:2, 0:1, 0:3, 0:1, 0:2] : (tensor<1x2x2x3x2x2xf32>) -> tensor<1x2x1x3x1x2xf32>
    %block1_1_x_see00 = stablehlo.reshape %block1_1_x_at00 : (tensor<1x2x1x3x1x2xf32>) -> tensor<1x2x3x2xf32>
    %block1_1_x_at01 = stablehlo.slice %block1_1_x_phases [0:1, 0:2, 0:1, 0:3, 1:2, 0:2] : (tensor<1x2x2x3x2x2xf32>) -> tensor<1x2x1x3x1x2xf32>
    %block1_1_x_see01 = stablehlo.reshape %block1_1_x_at01 : (tensor<1x2x1x3x1x2xf32>) -> tensor<1x2x3x2xf32>
    %block1_1_x_at10 = stablehlo.slice %block1_1_x_phases [0:1, 0:2, 1:2, 0:3, 0:1, 0:2] : (tensor<1x2x2x3x2x2xf32>) -> tensor<1x2x1x3x1x2xf32>
    %block1_1_x_see10 = stablehlo.reshape %block1_1_x_at10 : (tensor<1x2x1x3x1x2xf32>) -> tensor<1x2x3x2xf32>
    %block1_1_x_at11 = stablehlo.slice %block1_1_x_phases [0:1, 0:2, 1:2, 0:3, 1:2, 0:2] : (tensor<1x2x2x3x2x2xf32>) -> tensor<1x2x1x3x1x2xf32>
    %block1_1_x_see11 = stablehlo.reshape %block1_1_x_at11 : (tensor<1x2x1x3x1x2xf32>) -> tensor<1x2x3x2xf32>
    %block1_1_x_total = stablehlo.add %block1_1_x_see00, %block1_1_x_see01 : tensor<1x2x3x2xf32>
    %block1_1_x_total_2 = stablehlo.add %block1_1_x_total, %block1_1_x_see10 : tensor<1x2x3x2xf32>
    %block1_1_x_total_3 = stablehlo.add %block1_1_x_total_2, %block1_1_x_see11 : tensor<1x2x3x2xf32>
    %block1_1_x_mean = stablehlo.divide %block1_1_x_total_3, %c_4 : tensor<1x2x3x2xf32>
    %block1_1_x_share = stablehlo.divide %dy, %c_4 : tensor<1x2x3x2xf32>
    %block1_1_x_apart = stablehlo.reshape %block1_1_x_share : (tensor<1x2x3x2xf32>) -> tensor<1x2x1x3x1x2xf32>
    %block1_1_x_read00 = stablehlo.reshape %block1_1_x_apart : (tensor<1x2x1x3x1x2xf32>) -> tensor<1x2x3x2xf32>
    %block1_1_x_part00 = stablehlo.broadcast_in_dim %block1_1_x_read00, dims = [0, 1, 3, 5] : (tensor<1x2x3x2xf32>) -> tensor<1x2x2x3x2x2xf32>
    %block1_1_x_dx = stablehlo.reshape %block1_1_x_part00 : (tensor<1x2x2x3x2x2xf32>) -> tensor<1x4x6x2xf32>
    return %block1_1_x_mean, %block1_1_x_dx : tensor<1x2x3x2xf32>, tensor<1x4x6x2xf32>
  }
}
