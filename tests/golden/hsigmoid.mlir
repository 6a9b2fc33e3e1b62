// HSigmoid()
module @hsigmoid {
  func.func public @main(
      %x: tensor<2x3x4x5xf32>,
      %dy: tensor<2x3x4x5xf32>
  ) -> (
      tensor<2x3x4x5xf32>,
      tensor<2x3x4x5xf32>
  ) {
    %c_3 = stablehlo.constant dense<3.0> : tensor<2x3x4x5xf32>
    %c_0 = stablehlo.constant dense<0.0> : tensor<2x3x4x5xf32>
    %c_6 = stablehlo.constant dense<6.0> : tensor<2x3x4x5xf32>
    %c_0p166667 = stablehlo.constant dense<0.16666666666666666> : tensor<2x3x4x5xf32>
    %c_m3 = stablehlo.constant dense<-3.0> : tensor<2x3x4x5xf32>
    %block1_1_x_shifted = stablehlo.add %x, %c_3 : tensor<2x3x4x5xf32>
    %block1_1_x_positive_part = stablehlo.maximum %block1_1_x_shifted, %c_0 : tensor<2x3x4x5xf32>
    %block1_1_x_gate = stablehlo.minimum %block1_1_x_positive_part, %c_6 : tensor<2x3x4x5xf32>
    %block1_1_x_out = stablehlo.multiply %block1_1_x_gate, %c_0p166667 : tensor<2x3x4x5xf32>
    %block1_1_x_above = stablehlo.compare GT, %x, %c_m3, FLOAT : (tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xi1>
    %block1_1_x_below = stablehlo.compare LT, %x, %c_3, FLOAT : (tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xi1>
    %block1_1_x_inside = stablehlo.and %block1_1_x_above, %block1_1_x_below : tensor<2x3x4x5xi1>
    %block1_1_x_slope = stablehlo.select %block1_1_x_inside, %c_0p166667, %c_0 : tensor<2x3x4x5xi1>, tensor<2x3x4x5xf32>
    %block1_1_x_dx = stablehlo.multiply %dy, %block1_1_x_slope : tensor<2x3x4x5xf32>
    return %block1_1_x_out, %block1_1_x_dx : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>
  }
}
