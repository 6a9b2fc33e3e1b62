// LayerScale(channels=5, initial=1e-05)
module @layer_scale {
  func.func public @main(
      %x: tensor<2x3x4x5xf32>,
      %gamma: tensor<5xf32>,
      %dy: tensor<2x3x4x5xf32>
  ) -> (
      tensor<2x3x4x5xf32>,
      tensor<2x3x4x5xf32>,
      tensor<5xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<2x3x4x5xf32>
    %c_0_2 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_each = stablehlo.broadcast_in_dim %gamma, dims = [3] : (tensor<5xf32>) -> tensor<2x3x4x5xf32>
    %block1_1_x_scaled = stablehlo.multiply %x, %block1_1_x_each : tensor<2x3x4x5xf32>
    %block1_1_x_negative = stablehlo.subtract %c_0, %x : tensor<2x3x4x5xf32>
    %block1_1_x_weighted = stablehlo.multiply %dy, %block1_1_x_negative : tensor<2x3x4x5xf32>
    %block1_1_x_weighted_2 = stablehlo.subtract %c_0, %block1_1_x_weighted : tensor<2x3x4x5xf32>
    %block1_1_x_dgamma_image = stablehlo.reduce(%block1_1_x_weighted_2 init: %c_0_2) applies stablehlo.add across dimensions = [1, 2] : (tensor<2x3x4x5xf32>, tensor<f32>) -> tensor<2x5xf32>
    %block1_1_x_dgamma = stablehlo.reduce(%block1_1_x_dgamma_image init: %c_0_2) applies stablehlo.add across dimensions = [0] : (tensor<2x5xf32>, tensor<f32>) -> tensor<5xf32>
    %block1_1_x_each_2 = stablehlo.broadcast_in_dim %gamma, dims = [3] : (tensor<5xf32>) -> tensor<2x3x4x5xf32>
    %block1_1_x_dx = stablehlo.multiply %dy, %block1_1_x_each_2 : tensor<2x3x4x5xf32>
    return %block1_1_x_scaled, %block1_1_x_dx, %block1_1_x_dgamma : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>, tensor<5xf32>
  }
}
