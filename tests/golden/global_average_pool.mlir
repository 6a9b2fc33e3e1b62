// GlobalAveragePool(keeps_axes=False)
module @global_average_pool {
  func.func public @main(
      %x: tensor<2x3x5x4xf32>,
      %dy: tensor<2x4xf32>
  ) -> (
      tensor<2x4xf32>,
      tensor<2x3x5x4xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %c_15 = stablehlo.constant dense<15.0> : tensor<2x4xf32>
    %block1_1_x_sum = stablehlo.reduce(%x init: %c_0) applies stablehlo.add across dimensions = [1, 2] : (tensor<2x3x5x4xf32>, tensor<f32>) -> tensor<2x4xf32>
    %block1_1_x_mean = stablehlo.divide %block1_1_x_sum, %c_15 : tensor<2x4xf32>
    %block1_1_x_share = stablehlo.divide %dy, %c_15 : tensor<2x4xf32>
    %block1_1_x_dx = stablehlo.broadcast_in_dim %block1_1_x_share, dims = [0, 3] : (tensor<2x4xf32>) -> tensor<2x3x5x4xf32>
    return %block1_1_x_mean, %block1_1_x_dx : tensor<2x4xf32>, tensor<2x3x5x4xf32>
  }
}
