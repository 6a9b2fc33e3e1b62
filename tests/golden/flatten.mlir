// Flatten()
module @flatten {
  func.func public @main(
      %x: tensor<2x3x5x4xf32>,
      %dy: tensor<2x60xf32>
  ) -> (
      tensor<2x60xf32>,
      tensor<2x3x5x4xf32>
  ) {
    %block1_1_x_flat = stablehlo.reshape %x : (tensor<2x3x5x4xf32>) -> tensor<2x60xf32>
    %block1_1_x_dx = stablehlo.reshape %dy : (tensor<2x60xf32>) -> tensor<2x3x5x4xf32>
    return %block1_1_x_flat, %block1_1_x_dx : tensor<2x60xf32>, tensor<2x3x5x4xf32>
  }
}
