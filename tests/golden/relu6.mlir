// Relu6()
module @relu6 {
  func.func public @main(
      %x: tensor<2x3x4x5xf32>,
      %dy: tensor<2x3x4x5xf32>
  ) -> (
      tensor<2x3x4x5xf32>,
      tensor<2x3x4x5xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<2x3x4x5xf32>
    %c_6 = stablehlo.constant dense<6.0> : tensor<2x3x4x5xf32>
    %block1_1_x_positive_part = stablehlo.maximum %x, %c_0 : tensor<2x3x4x5xf32>
    %block1_1_x_out = stablehlo.minimum %block1_1_x_positive_part, %c_6 : tensor<2x3x4x5xf32>
    %block1_1_x_positive = stablehlo.compare GT, %block1_1_x_out, %c_0, FLOAT : (tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xi1>
    %block1_1_x_small = stablehlo.compare LT, %block1_1_x_out, %c_6, FLOAT : (tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xi1>
    %block1_1_x_passes = stablehlo.and %block1_1_x_positive, %block1_1_x_small : tensor<2x3x4x5xi1>
    %block1_1_x_dx = stablehlo.select %block1_1_x_passes, %dy, %c_0 : tensor<2x3x4x5xi1>, tensor<2x3x4x5xf32>
    return %block1_1_x_out, %block1_1_x_dx : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>
  }
}
