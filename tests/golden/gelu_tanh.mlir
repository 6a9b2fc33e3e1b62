// GeluTanh()
module @gelu_tanh {
  func.func public @main(
      %x: tensor<2x3x4x5xf32>,
      %dy: tensor<2x3x4x5xf32>
  ) -> (
      tensor<2x3x4x5xf32>,
      tensor<2x3x4x5xf32>
  ) {
    %c_0p0713548 = stablehlo.constant dense<0.07135481627260025> : tensor<2x3x4x5xf32>
    %c_1p59577 = stablehlo.constant dense<1.5957691216057308> : tensor<2x3x4x5xf32>
    %c_0 = stablehlo.constant dense<0.0> : tensor<2x3x4x5xf32>
    %c_1 = stablehlo.constant dense<1.0> : tensor<2x3x4x5xf32>
    %c_0p214064 = stablehlo.constant dense<0.21406444881780076> : tensor<2x3x4x5xf32>
    %block1_1_x_square = stablehlo.multiply %x, %x : tensor<2x3x4x5xf32>
    %block1_1_x_cubic = stablehlo.multiply %block1_1_x_square, %c_0p0713548 : tensor<2x3x4x5xf32>
    %block1_1_x_factor = stablehlo.add %block1_1_x_cubic, %c_1p59577 : tensor<2x3x4x5xf32>
    %block1_1_x_twice = stablehlo.multiply %x, %block1_1_x_factor : tensor<2x3x4x5xf32>
    %block1_1_x_negative = stablehlo.subtract %c_0, %block1_1_x_twice : tensor<2x3x4x5xf32>
    %block1_1_x_power = stablehlo.exponential %block1_1_x_negative : tensor<2x3x4x5xf32>
    %block1_1_x_above_one = stablehlo.add %c_1, %block1_1_x_power : tensor<2x3x4x5xf32>
    %block1_1_x_logistic = stablehlo.divide %c_1, %block1_1_x_above_one : tensor<2x3x4x5xf32>
    %block1_1_x_out = stablehlo.multiply %x, %block1_1_x_logistic : tensor<2x3x4x5xf32>
    %block1_1_x_square_2 = stablehlo.multiply %x, %x : tensor<2x3x4x5xf32>
    %block1_1_x_cubic_2 = stablehlo.multiply %block1_1_x_square_2, %c_0p0713548 : tensor<2x3x4x5xf32>
    %block1_1_x_factor_2 = stablehlo.add %block1_1_x_cubic_2, %c_1p59577 : tensor<2x3x4x5xf32>
    %block1_1_x_twice_2 = stablehlo.multiply %x, %block1_1_x_factor_2 : tensor<2x3x4x5xf32>
    %block1_1_x_negative_2 = stablehlo.subtract %c_0, %block1_1_x_twice_2 : tensor<2x3x4x5xf32>
    %block1_1_x_power_2 = stablehlo.exponential %block1_1_x_negative_2 : tensor<2x3x4x5xf32>
    %block1_1_x_above_one_2 = stablehlo.add %c_1, %block1_1_x_power_2 : tensor<2x3x4x5xf32>
    %block1_1_x_logistic_2 = stablehlo.divide %c_1, %block1_1_x_above_one_2 : tensor<2x3x4x5xf32>
    %block1_1_x_square_3 = stablehlo.multiply %x, %x : tensor<2x3x4x5xf32>
    %block1_1_x_growth = stablehlo.multiply %block1_1_x_square_3, %c_0p214064 : tensor<2x3x4x5xf32>
    %block1_1_x_rate = stablehlo.add %block1_1_x_growth, %c_1p59577 : tensor<2x3x4x5xf32>
    %block1_1_x_weighted = stablehlo.multiply %x, %block1_1_x_rate : tensor<2x3x4x5xf32>
    %block1_1_x_rest = stablehlo.subtract %c_1, %block1_1_x_logistic_2 : tensor<2x3x4x5xf32>
    %block1_1_x_logistic_slope = stablehlo.multiply %block1_1_x_logistic_2, %block1_1_x_rest : tensor<2x3x4x5xf32>
    %block1_1_x_through = stablehlo.multiply %block1_1_x_weighted, %block1_1_x_logistic_slope : tensor<2x3x4x5xf32>
    %block1_1_x_slope = stablehlo.add %block1_1_x_logistic_2, %block1_1_x_through : tensor<2x3x4x5xf32>
    %block1_1_x_dx = stablehlo.multiply %dy, %block1_1_x_slope : tensor<2x3x4x5xf32>
    return %block1_1_x_out, %block1_1_x_dx : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>
  }
}
