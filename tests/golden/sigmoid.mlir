// Sigmoid()
module @sigmoid {
  func.func public @main(
      %x: tensor<2x3x4x5xf32>,
      %dy: tensor<2x3x4x5xf32>
  ) -> (
      tensor<2x3x4x5xf32>,
      tensor<2x3x4x5xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<2x3x4x5xf32>
    %c_1 = stablehlo.constant dense<1.0> : tensor<2x3x4x5xf32>
    %block1_1_x_negative = stablehlo.subtract %c_0, %x : tensor<2x3x4x5xf32>
    %block1_1_x_power = stablehlo.exponential %block1_1_x_negative : tensor<2x3x4x5xf32>
    %block1_1_x_above_one = stablehlo.add %c_1, %block1_1_x_power : tensor<2x3x4x5xf32>
    %block1_1_x_logistic = stablehlo.divide %c_1, %block1_1_x_above_one : tensor<2x3x4x5xf32>
    %block1_1_x_rest = stablehlo.subtract %c_1, %block1_1_x_logistic : tensor<2x3x4x5xf32>
    %block1_1_x_logistic_slope = stablehlo.multiply %block1_1_x_logistic, %block1_1_x_rest : tensor<2x3x4x5xf32>
    %block1_1_x_dx = stablehlo.multiply %dy, %block1_1_x_logistic_slope : tensor<2x3x4x5xf32>
    return %block1_1_x_logistic, %block1_1_x_dx : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>
  }
}
