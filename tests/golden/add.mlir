// Add()
module @add {
  func.func public @main(
      %x: tensor<2x3x4x5xf32>,
      %y: tensor<2x3x4x5xf32>,
      %dy: tensor<2x3x4x5xf32>
  ) -> (
      tensor<2x3x4x5xf32>,
      tensor<2x3x4x5xf32>,
      tensor<2x3x4x5xf32>
  ) {
    %block1_1_x_residual = stablehlo.add %x, %y : tensor<2x3x4x5xf32>
    return %block1_1_x_residual, %dy, %dy : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>
  }
}
