// Gelu()
module @gelu {
  func.func public @main(
      %x: tensor<2x3x4x5xf32>,
      %dy: tensor<2x3x4x5xf32>
  ) -> (
      tensor<2x3x4x5xf32>,
      tensor<2x3x4x5xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<2x3x4x5xf32>
    %c_40 = stablehlo.constant dense<40.0> : tensor<2x3x4x5xf32>
    %c_m0p5 = stablehlo.constant dense<-0.5> : tensor<2x3x4x5xf32>
    %c_0p0352625 = stablehlo.constant dense<0.0352624965998911> : tensor<2x3x4x5xf32>
    %c_0p700383 = stablehlo.constant dense<0.700383064443688> : tensor<2x3x4x5xf32>
    %c_6p37396 = stablehlo.constant dense<6.37396220353165> : tensor<2x3x4x5xf32>
    %c_33p9129 = stablehlo.constant dense<33.912866078383> : tensor<2x3x4x5xf32>
    %c_112p079 = stablehlo.constant dense<112.079291497871> : tensor<2x3x4x5xf32>
    %c_221p214 = stablehlo.constant dense<221.213596169931> : tensor<2x3x4x5xf32>
    %c_220p207 = stablehlo.constant dense<220.206867912376> : tensor<2x3x4x5xf32>
    %c_0p0883883 = stablehlo.constant dense<0.0883883476483184> : tensor<2x3x4x5xf32>
    %c_1p75567 = stablehlo.constant dense<1.75566716318264> : tensor<2x3x4x5xf32>
    %c_16p0642 = stablehlo.constant dense<16.064177579207> : tensor<2x3x4x5xf32>
    %c_86p7807 = stablehlo.constant dense<86.7807322029461> : tensor<2x3x4x5xf32>
    %c_296p564 = stablehlo.constant dense<296.564248779674> : tensor<2x3x4x5xf32>
    %c_637p334 = stablehlo.constant dense<637.333633378831> : tensor<2x3x4x5xf32>
    %c_793p827 = stablehlo.constant dense<793.826512519948> : tensor<2x3x4x5xf32>
    %c_440p414 = stablehlo.constant dense<440.413735824752> : tensor<2x3x4x5xf32>
    %c_1 = stablehlo.constant dense<1.0> : tensor<2x3x4x5xf32>
    %c_0p398942 = stablehlo.constant dense<0.3989422804014327> : tensor<2x3x4x5xf32>
    %block1_1_x_negative = stablehlo.subtract %c_0, %x : tensor<2x3x4x5xf32>
    %block1_1_x_size = stablehlo.maximum %x, %block1_1_x_negative : tensor<2x3x4x5xf32>
    %block1_1_x_distance = stablehlo.minimum %block1_1_x_size, %c_40 : tensor<2x3x4x5xf32>
    %block1_1_x_square = stablehlo.multiply %block1_1_x_distance, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_exponent = stablehlo.multiply %block1_1_x_square, %c_m0p5 : tensor<2x3x4x5xf32>
    %block1_1_x_power = stablehlo.exponential %block1_1_x_exponent : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled = stablehlo.multiply %c_0p0352625, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_numerator = stablehlo.add %block1_1_x_numerator_scaled, %c_0p700383 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_2 = stablehlo.multiply %block1_1_x_numerator, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_2 = stablehlo.add %block1_1_x_numerator_scaled_2, %c_6p37396 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_3 = stablehlo.multiply %block1_1_x_numerator_2, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_3 = stablehlo.add %block1_1_x_numerator_scaled_3, %c_33p9129 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_4 = stablehlo.multiply %block1_1_x_numerator_3, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_4 = stablehlo.add %block1_1_x_numerator_scaled_4, %c_112p079 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_5 = stablehlo.multiply %block1_1_x_numerator_4, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_5 = stablehlo.add %block1_1_x_numerator_scaled_5, %c_221p214 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_6 = stablehlo.multiply %block1_1_x_numerator_5, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_6 = stablehlo.add %block1_1_x_numerator_scaled_6, %c_220p207 : tensor<2x3x4x5xf32>
    %block1_1_x_weighted = stablehlo.multiply %block1_1_x_power, %block1_1_x_numerator_6 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled = stablehlo.multiply %c_0p0883883, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_denominator = stablehlo.add %block1_1_x_denominator_scaled, %c_1p75567 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_2 = stablehlo.multiply %block1_1_x_denominator, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_2 = stablehlo.add %block1_1_x_denominator_scaled_2, %c_16p0642 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_3 = stablehlo.multiply %block1_1_x_denominator_2, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_3 = stablehlo.add %block1_1_x_denominator_scaled_3, %c_86p7807 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_4 = stablehlo.multiply %block1_1_x_denominator_3, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_4 = stablehlo.add %block1_1_x_denominator_scaled_4, %c_296p564 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_5 = stablehlo.multiply %block1_1_x_denominator_4, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_5 = stablehlo.add %block1_1_x_denominator_scaled_5, %c_637p334 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_6 = stablehlo.multiply %block1_1_x_denominator_5, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_6 = stablehlo.add %block1_1_x_denominator_scaled_6, %c_793p827 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_7 = stablehlo.multiply %block1_1_x_denominator_6, %block1_1_x_distance : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_7 = stablehlo.add %block1_1_x_denominator_scaled_7, %c_440p414 : tensor<2x3x4x5xf32>
    %block1_1_x_tail = stablehlo.divide %block1_1_x_weighted, %block1_1_x_denominator_7 : tensor<2x3x4x5xf32>
    %block1_1_x_below = stablehlo.multiply %block1_1_x_distance, %block1_1_x_tail : tensor<2x3x4x5xf32>
    %block1_1_x_positive_part = stablehlo.maximum %x, %c_0 : tensor<2x3x4x5xf32>
    %block1_1_x_out = stablehlo.subtract %block1_1_x_positive_part, %block1_1_x_below : tensor<2x3x4x5xf32>
    %block1_1_x_negative_2 = stablehlo.subtract %c_0, %x : tensor<2x3x4x5xf32>
    %block1_1_x_size_2 = stablehlo.maximum %x, %block1_1_x_negative_2 : tensor<2x3x4x5xf32>
    %block1_1_x_distance_2 = stablehlo.minimum %block1_1_x_size_2, %c_40 : tensor<2x3x4x5xf32>
    %block1_1_x_square_2 = stablehlo.multiply %block1_1_x_distance_2, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_exponent_2 = stablehlo.multiply %block1_1_x_square_2, %c_m0p5 : tensor<2x3x4x5xf32>
    %block1_1_x_power_2 = stablehlo.exponential %block1_1_x_exponent_2 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_7 = stablehlo.multiply %c_0p0352625, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_7 = stablehlo.add %block1_1_x_numerator_scaled_7, %c_0p700383 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_8 = stablehlo.multiply %block1_1_x_numerator_7, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_8 = stablehlo.add %block1_1_x_numerator_scaled_8, %c_6p37396 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_9 = stablehlo.multiply %block1_1_x_numerator_8, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_9 = stablehlo.add %block1_1_x_numerator_scaled_9, %c_33p9129 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_10 = stablehlo.multiply %block1_1_x_numerator_9, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_10 = stablehlo.add %block1_1_x_numerator_scaled_10, %c_112p079 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_11 = stablehlo.multiply %block1_1_x_numerator_10, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_11 = stablehlo.add %block1_1_x_numerator_scaled_11, %c_221p214 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_scaled_12 = stablehlo.multiply %block1_1_x_numerator_11, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_numerator_12 = stablehlo.add %block1_1_x_numerator_scaled_12, %c_220p207 : tensor<2x3x4x5xf32>
    %block1_1_x_weighted_2 = stablehlo.multiply %block1_1_x_power_2, %block1_1_x_numerator_12 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_8 = stablehlo.multiply %c_0p0883883, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_8 = stablehlo.add %block1_1_x_denominator_scaled_8, %c_1p75567 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_9 = stablehlo.multiply %block1_1_x_denominator_8, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_9 = stablehlo.add %block1_1_x_denominator_scaled_9, %c_16p0642 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_10 = stablehlo.multiply %block1_1_x_denominator_9, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_10 = stablehlo.add %block1_1_x_denominator_scaled_10, %c_86p7807 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_11 = stablehlo.multiply %block1_1_x_denominator_10, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_11 = stablehlo.add %block1_1_x_denominator_scaled_11, %c_296p564 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_12 = stablehlo.multiply %block1_1_x_denominator_11, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_12 = stablehlo.add %block1_1_x_denominator_scaled_12, %c_637p334 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_13 = stablehlo.multiply %block1_1_x_denominator_12, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_13 = stablehlo.add %block1_1_x_denominator_scaled_13, %c_793p827 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_scaled_14 = stablehlo.multiply %block1_1_x_denominator_13, %block1_1_x_distance_2 : tensor<2x3x4x5xf32>
    %block1_1_x_denominator_14 = stablehlo.add %block1_1_x_denominator_scaled_14, %c_440p414 : tensor<2x3x4x5xf32>
    %block1_1_x_tail_2 = stablehlo.divide %block1_1_x_weighted_2, %block1_1_x_denominator_14 : tensor<2x3x4x5xf32>
    %block1_1_x_rest = stablehlo.subtract %c_1, %block1_1_x_tail_2 : tensor<2x3x4x5xf32>
    %block1_1_x_above = stablehlo.compare GT, %x, %c_0, FLOAT : (tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xi1>
    %block1_1_x_share = stablehlo.select %block1_1_x_above, %block1_1_x_rest, %block1_1_x_tail_2 : tensor<2x3x4x5xi1>, tensor<2x3x4x5xf32>
    %block1_1_x_density = stablehlo.multiply %block1_1_x_power_2, %c_0p398942 : tensor<2x3x4x5xf32>
    %block1_1_x_through = stablehlo.multiply %x, %block1_1_x_density : tensor<2x3x4x5xf32>
    %block1_1_x_slope = stablehlo.add %block1_1_x_share, %block1_1_x_through : tensor<2x3x4x5xf32>
    %block1_1_x_dx = stablehlo.multiply %dy, %block1_1_x_slope : tensor<2x3x4x5xf32>
    return %block1_1_x_out, %block1_1_x_dx : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>
  }
}
