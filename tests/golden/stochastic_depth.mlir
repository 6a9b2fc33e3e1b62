// StochasticDepth(rate=0.2)
module @stochastic_depth {
  func.func public @main(
      %x: tensor<9x3x2x5xf32>,
      %seed: tensor<2xui32>,
      %step: tensor<i32>,
      %first_example: tensor<i32>,
      %dy: tensor<9x3x2x5xf32>
  ) -> (
      tensor<9x3x2x5xf32>,
      tensor<9x3x2x5xf32>
  ) {
    %c_2 = stablehlo.constant dense<2> : tensor<ui32>
    %c_4p66689e08 = stablehlo.constant dense<466688986> : tensor<ui32>
    %c_13 = stablehlo.constant dense<13> : tensor<ui32>
    %c_19 = stablehlo.constant dense<19> : tensor<ui32>
    %c_15 = stablehlo.constant dense<15> : tensor<ui32>
    %c_17 = stablehlo.constant dense<17> : tensor<ui32>
    %c_26 = stablehlo.constant dense<26> : tensor<ui32>
    %c_6 = stablehlo.constant dense<6> : tensor<ui32>
    %c_1 = stablehlo.constant dense<1> : tensor<ui32>
    %c_29 = stablehlo.constant dense<29> : tensor<ui32>
    %c_3 = stablehlo.constant dense<3> : tensor<ui32>
    %c_16 = stablehlo.constant dense<16> : tensor<ui32>
    %c_24 = stablehlo.constant dense<24> : tensor<ui32>
    %c_8 = stablehlo.constant dense<8> : tensor<ui32>
    %c_4 = stablehlo.constant dense<4> : tensor<ui32>
    %c_5 = stablehlo.constant dense<5> : tensor<ui32>
    %c_13_2 = stablehlo.constant dense<13> : tensor<9x1xui32>
    %c_19_2 = stablehlo.constant dense<19> : tensor<9x1xui32>
    %c_15_2 = stablehlo.constant dense<15> : tensor<9x1xui32>
    %c_17_2 = stablehlo.constant dense<17> : tensor<9x1xui32>
    %c_26_2 = stablehlo.constant dense<26> : tensor<9x1xui32>
    %c_6_2 = stablehlo.constant dense<6> : tensor<9x1xui32>
    %c_29_2 = stablehlo.constant dense<29> : tensor<9x1xui32>
    %c_3_2 = stablehlo.constant dense<3> : tensor<9x1xui32>
    %c_16_2 = stablehlo.constant dense<16> : tensor<9x1xui32>
    %c_24_2 = stablehlo.constant dense<24> : tensor<9x1xui32>
    %c_8_2 = stablehlo.constant dense<8> : tensor<9x1xui32>
    %c_3p43597e09 = stablehlo.constant dense<3435973837> : tensor<9x1xui32>
    %c_1p25 = stablehlo.constant dense<1.25> : tensor<9x1xf32>
    %c_0 = stablehlo.constant dense<0.0> : tensor<9x1xf32>
    %block1_1_x_word = stablehlo.slice %seed [0:1] : (tensor<2xui32>) -> tensor<1xui32>
    %block1_1_x_word_2 = stablehlo.reshape %block1_1_x_word : (tensor<1xui32>) -> tensor<ui32>
    %block1_1_x_word_3 = stablehlo.slice %seed [1:2] : (tensor<2xui32>) -> tensor<1xui32>
    %block1_1_x_word_4 = stablehlo.reshape %block1_1_x_word_3 : (tensor<1xui32>) -> tensor<ui32>
    %block1_1_x_step = stablehlo.convert %step : (tensor<i32>) -> tensor<ui32>
    %block1_1_x_key_both = stablehlo.xor %block1_1_x_word_2, %block1_1_x_word_4 : tensor<ui32>
    %block1_1_x_key_third = stablehlo.xor %block1_1_x_key_both, %c_4p66689e08 : tensor<ui32>
    %block1_1_x_keyed = stablehlo.add %block1_1_x_step, %block1_1_x_word_2 : tensor<ui32>
    %block1_1_x_keyed_2 = stablehlo.add %c_2, %block1_1_x_word_4 : tensor<ui32>
    %block1_1_x_left = stablehlo.add %block1_1_x_keyed, %block1_1_x_keyed_2 : tensor<ui32>
    %block1_1_x_up = stablehlo.shift_left %block1_1_x_keyed_2, %c_13 : tensor<ui32>
    %block1_1_x_down = stablehlo.shift_right_logical %block1_1_x_keyed_2, %c_19 : tensor<ui32>
    %block1_1_x_rotated = stablehlo.or %block1_1_x_up, %block1_1_x_down : tensor<ui32>
    %block1_1_x_right = stablehlo.xor %block1_1_x_rotated, %block1_1_x_left : tensor<ui32>
    %block1_1_x_left_2 = stablehlo.add %block1_1_x_left, %block1_1_x_right : tensor<ui32>
    %block1_1_x_up_2 = stablehlo.shift_left %block1_1_x_right, %c_15 : tensor<ui32>
    %block1_1_x_down_2 = stablehlo.shift_right_logical %block1_1_x_right, %c_17 : tensor<ui32>
    %block1_1_x_rotated_2 = stablehlo.or %block1_1_x_up_2, %block1_1_x_down_2 : tensor<ui32>
    %block1_1_x_right_2 = stablehlo.xor %block1_1_x_rotated_2, %block1_1_x_left_2 : tensor<ui32>
    %block1_1_x_left_3 = stablehlo.add %block1_1_x_left_2, %block1_1_x_right_2 : tensor<ui32>
    %block1_1_x_up_3 = stablehlo.shift_left %block1_1_x_right_2, %c_26 : tensor<ui32>
    %block1_1_x_down_3 = stablehlo.shift_right_logical %block1_1_x_right_2, %c_6 : tensor<ui32>
    %block1_1_x_rotated_3 = stablehlo.or %block1_1_x_up_3, %block1_1_x_down_3 : tensor<ui32>
    %block1_1_x_right_3 = stablehlo.xor %block1_1_x_rotated_3, %block1_1_x_left_3 : tensor<ui32>
    %block1_1_x_left_4 = stablehlo.add %block1_1_x_left_3, %block1_1_x_right_3 : tensor<ui32>
    %block1_1_x_up_4 = stablehlo.shift_left %block1_1_x_right_3, %c_6 : tensor<ui32>
    %block1_1_x_down_4 = stablehlo.shift_right_logical %block1_1_x_right_3, %c_26 : tensor<ui32>
    %block1_1_x_rotated_4 = stablehlo.or %block1_1_x_up_4, %block1_1_x_down_4 : tensor<ui32>
    %block1_1_x_right_4 = stablehlo.xor %block1_1_x_rotated_4, %block1_1_x_left_4 : tensor<ui32>
    %block1_1_x_key_counted = stablehlo.add %block1_1_x_key_third, %c_1 : tensor<ui32>
    %block1_1_x_keyed_3 = stablehlo.add %block1_1_x_left_4, %block1_1_x_word_4 : tensor<ui32>
    %block1_1_x_keyed_4 = stablehlo.add %block1_1_x_right_4, %block1_1_x_key_counted : tensor<ui32>
    %block1_1_x_left_5 = stablehlo.add %block1_1_x_keyed_3, %block1_1_x_keyed_4 : tensor<ui32>
    %block1_1_x_up_5 = stablehlo.shift_left %block1_1_x_keyed_4, %c_17 : tensor<ui32>
    %block1_1_x_down_5 = stablehlo.shift_right_logical %block1_1_x_keyed_4, %c_15 : tensor<ui32>
    %block1_1_x_rotated_5 = stablehlo.or %block1_1_x_up_5, %block1_1_x_down_5 : tensor<ui32>
    %block1_1_x_right_5 = stablehlo.xor %block1_1_x_rotated_5, %block1_1_x_left_5 : tensor<ui32>
    %block1_1_x_left_6 = stablehlo.add %block1_1_x_left_5, %block1_1_x_right_5 : tensor<ui32>
    %block1_1_x_up_6 = stablehlo.shift_left %block1_1_x_right_5, %c_29 : tensor<ui32>
    %block1_1_x_down_6 = stablehlo.shift_right_logical %block1_1_x_right_5, %c_3 : tensor<ui32>
    %block1_1_x_rotated_6 = stablehlo.or %block1_1_x_up_6, %block1_1_x_down_6 : tensor<ui32>
    %block1_1_x_right_6 = stablehlo.xor %block1_1_x_rotated_6, %block1_1_x_left_6 : tensor<ui32>
    %block1_1_x_left_7 = stablehlo.add %block1_1_x_left_6, %block1_1_x_right_6 : tensor<ui32>
    %block1_1_x_up_7 = stablehlo.shift_left %block1_1_x_right_6, %c_16 : tensor<ui32>
    %block1_1_x_down_7 = stablehlo.shift_right_logical %block1_1_x_right_6, %c_16 : tensor<ui32>
    %block1_1_x_rotated_7 = stablehlo.or %block1_1_x_up_7, %block1_1_x_down_7 : tensor<ui32>
    %block1_1_x_right_7 = stablehlo.xor %block1_1_x_rotated_7, %block1_1_x_left_7 : tensor<ui32>
    %block1_1_x_left_8 = stablehlo.add %block1_1_x_left_7, %block1_1_x_right_7 : tensor<ui32>
    %block1_1_x_up_8 = stablehlo.shift_left %block1_1_x_right_7, %c_24 : tensor<ui32>
    %block1_1_x_down_8 = stablehlo.shift_right_logical %block1_1_x_right_7, %c_8 : tensor<ui32>
    %block1_1_x_rotated_8 = stablehlo.or %block1_1_x_up_8, %block1_1_x_down_8 : tensor<ui32>
    %block1_1_x_right_8 = stablehlo.xor %block1_1_x_rotated_8, %block1_1_x_left_8 : tensor<ui32>
    %block1_1_x_key_counted_2 = stablehlo.add %block1_1_x_word_2, %c_2 : tensor<ui32>
    %block1_1_x_keyed_5 = stablehlo.add %block1_1_x_left_8, %block1_1_x_key_third : tensor<ui32>
    %block1_1_x_keyed_6 = stablehlo.add %block1_1_x_right_8, %block1_1_x_key_counted_2 : tensor<ui32>
    %block1_1_x_left_9 = stablehlo.add %block1_1_x_keyed_5, %block1_1_x_keyed_6 : tensor<ui32>
    %block1_1_x_up_9 = stablehlo.shift_left %block1_1_x_keyed_6, %c_13 : tensor<ui32>
    %block1_1_x_down_9 = stablehlo.shift_right_logical %block1_1_x_keyed_6, %c_19 : tensor<ui32>
    %block1_1_x_rotated_9 = stablehlo.or %block1_1_x_up_9, %block1_1_x_down_9 : tensor<ui32>
    %block1_1_x_right_9 = stablehlo.xor %block1_1_x_rotated_9, %block1_1_x_left_9 : tensor<ui32>
    %block1_1_x_left_10 = stablehlo.add %block1_1_x_left_9, %block1_1_x_right_9 : tensor<ui32>
    %block1_1_x_up_10 = stablehlo.shift_left %block1_1_x_right_9, %c_15 : tensor<ui32>
    %block1_1_x_down_10 = stablehlo.shift_right_logical %block1_1_x_right_9, %c_17 : tensor<ui32>
    %block1_1_x_rotated_10 = stablehlo.or %block1_1_x_up_10, %block1_1_x_down_10 : tensor<ui32>
    %block1_1_x_right_10 = stablehlo.xor %block1_1_x_rotated_10, %block1_1_x_left_10 : tensor<ui32>
    %block1_1_x_left_11 = stablehlo.add %block1_1_x_left_10, %block1_1_x_right_10 : tensor<ui32>
    %block1_1_x_up_11 = stablehlo.shift_left %block1_1_x_right_10, %c_26 : tensor<ui32>
    %block1_1_x_down_11 = stablehlo.shift_right_logical %block1_1_x_right_10, %c_6 : tensor<ui32>
    %block1_1_x_rotated_11 = stablehlo.or %block1_1_x_up_11, %block1_1_x_down_11 : tensor<ui32>
    %block1_1_x_right_11 = stablehlo.xor %block1_1_x_rotated_11, %block1_1_x_left_11 : tensor<ui32>
    %block1_1_x_left_12 = stablehlo.add %block1_1_x_left_11, %block1_1_x_right_11 : tensor<ui32>
    %block1_1_x_up_12 = stablehlo.shift_left %block1_1_x_right_11, %c_6 : tensor<ui32>
    %block1_1_x_down_12 = stablehlo.shift_right_logical %block1_1_x_right_11, %c_26 : tensor<ui32>
    %block1_1_x_rotated_12 = stablehlo.or %block1_1_x_up_12, %block1_1_x_down_12 : tensor<ui32>
    %block1_1_x_right_12 = stablehlo.xor %block1_1_x_rotated_12, %block1_1_x_left_12 : tensor<ui32>
    %block1_1_x_key_counted_3 = stablehlo.add %block1_1_x_word_4, %c_3 : tensor<ui32>
    %block1_1_x_keyed_7 = stablehlo.add %block1_1_x_left_12, %block1_1_x_word_2 : tensor<ui32>
    %block1_1_x_keyed_8 = stablehlo.add %block1_1_x_right_12, %block1_1_x_key_counted_3 : tensor<ui32>
    %block1_1_x_left_13 = stablehlo.add %block1_1_x_keyed_7, %block1_1_x_keyed_8 : tensor<ui32>
    %block1_1_x_up_13 = stablehlo.shift_left %block1_1_x_keyed_8, %c_17 : tensor<ui32>
    %block1_1_x_down_13 = stablehlo.shift_right_logical %block1_1_x_keyed_8, %c_15 : tensor<ui32>
    %block1_1_x_rotated_13 = stablehlo.or %block1_1_x_up_13, %block1_1_x_down_13 : tensor<ui32>
    %block1_1_x_right_13 = stablehlo.xor %block1_1_x_rotated_13, %block1_1_x_left_13 : tensor<ui32>
    %block1_1_x_left_14 = stablehlo.add %block1_1_x_left_13, %block1_1_x_right_13 : tensor<ui32>
    %block1_1_x_up_14 = stablehlo.shift_left %block1_1_x_right_13, %c_29 : tensor<ui32>
    %block1_1_x_down_14 = stablehlo.shift_right_logical %block1_1_x_right_13, %c_3 : tensor<ui32>
    %block1_1_x_rotated_14 = stablehlo.or %block1_1_x_up_14, %block1_1_x_down_14 : tensor<ui32>
    %block1_1_x_right_14 = stablehlo.xor %block1_1_x_rotated_14, %block1_1_x_left_14 : tensor<ui32>
    %block1_1_x_left_15 = stablehlo.add %block1_1_x_left_14, %block1_1_x_right_14 : tensor<ui32>
    %block1_1_x_up_15 = stablehlo.shift_left %block1_1_x_right_14, %c_16 : tensor<ui32>
    %block1_1_x_down_15 = stablehlo.shift_right_logical %block1_1_x_right_14, %c_16 : tensor<ui32>
    %block1_1_x_rotated_15 = stablehlo.or %block1_1_x_up_15, %block1_1_x_down_15 : tensor<ui32>
    %block1_1_x_right_15 = stablehlo.xor %block1_1_x_rotated_15, %block1_1_x_left_15 : tensor<ui32>
    %block1_1_x_left_16 = stablehlo.add %block1_1_x_left_15, %block1_1_x_right_15 : tensor<ui32>
    %block1_1_x_up_16 = stablehlo.shift_left %block1_1_x_right_15, %c_24 : tensor<ui32>
    %block1_1_x_down_16 = stablehlo.shift_right_logical %block1_1_x_right_15, %c_8 : tensor<ui32>
    %block1_1_x_rotated_16 = stablehlo.or %block1_1_x_up_16, %block1_1_x_down_16 : tensor<ui32>
    %block1_1_x_right_16 = stablehlo.xor %block1_1_x_rotated_16, %block1_1_x_left_16 : tensor<ui32>
    %block1_1_x_key_counted_4 = stablehlo.add %block1_1_x_key_third, %c_4 : tensor<ui32>
    %block1_1_x_keyed_9 = stablehlo.add %block1_1_x_left_16, %block1_1_x_word_4 : tensor<ui32>
    %block1_1_x_keyed_10 = stablehlo.add %block1_1_x_right_16, %block1_1_x_key_counted_4 : tensor<ui32>
    %block1_1_x_left_17 = stablehlo.add %block1_1_x_keyed_9, %block1_1_x_keyed_10 : tensor<ui32>
    %block1_1_x_up_17 = stablehlo.shift_left %block1_1_x_keyed_10, %c_13 : tensor<ui32>
    %block1_1_x_down_17 = stablehlo.shift_right_logical %block1_1_x_keyed_10, %c_19 : tensor<ui32>
    %block1_1_x_rotated_17 = stablehlo.or %block1_1_x_up_17, %block1_1_x_down_17 : tensor<ui32>
    %block1_1_x_right_17 = stablehlo.xor %block1_1_x_rotated_17, %block1_1_x_left_17 : tensor<ui32>
    %block1_1_x_left_18 = stablehlo.add %block1_1_x_left_17, %block1_1_x_right_17 : tensor<ui32>
    %block1_1_x_up_18 = stablehlo.shift_left %block1_1_x_right_17, %c_15 : tensor<ui32>
    %block1_1_x_down_18 = stablehlo.shift_right_logical %block1_1_x_right_17, %c_17 : tensor<ui32>
    %block1_1_x_rotated_18 = stablehlo.or %block1_1_x_up_18, %block1_1_x_down_18 : tensor<ui32>
    %block1_1_x_right_18 = stablehlo.xor %block1_1_x_rotated_18, %block1_1_x_left_18 : tensor<ui32>
    %block1_1_x_left_19 = stablehlo.add %block1_1_x_left_18, %block1_1_x_right_18 : tensor<ui32>
    %block1_1_x_up_19 = stablehlo.shift_left %block1_1_x_right_18, %c_26 : tensor<ui32>
    %block1_1_x_down_19 = stablehlo.shift_right_logical %block1_1_x_right_18, %c_6 : tensor<ui32>
    %block1_1_x_rotated_19 = stablehlo.or %block1_1_x_up_19, %block1_1_x_down_19 : tensor<ui32>
    %block1_1_x_right_19 = stablehlo.xor %block1_1_x_rotated_19, %block1_1_x_left_19 : tensor<ui32>
    %block1_1_x_left_20 = stablehlo.add %block1_1_x_left_19, %block1_1_x_right_19 : tensor<ui32>
    %block1_1_x_up_20 = stablehlo.shift_left %block1_1_x_right_19, %c_6 : tensor<ui32>
    %block1_1_x_down_20 = stablehlo.shift_right_logical %block1_1_x_right_19, %c_26 : tensor<ui32>
    %block1_1_x_rotated_20 = stablehlo.or %block1_1_x_up_20, %block1_1_x_down_20 : tensor<ui32>
    %block1_1_x_right_20 = stablehlo.xor %block1_1_x_rotated_20, %block1_1_x_left_20 : tensor<ui32>
    %block1_1_x_key_counted_5 = stablehlo.add %block1_1_x_word_2, %c_5 : tensor<ui32>
    %block1_1_x_keyed_11 = stablehlo.add %block1_1_x_left_20, %block1_1_x_key_third : tensor<ui32>
    %block1_1_x_keyed_12 = stablehlo.add %block1_1_x_right_20, %block1_1_x_key_counted_5 : tensor<ui32>
    %block1_1_x_first_example = stablehlo.convert %first_example : (tensor<i32>) -> tensor<ui32>
    %block1_1_x_first_example_2 = stablehlo.broadcast_in_dim %block1_1_x_first_example, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_row = stablehlo.iota dim = 0 : tensor<9x1xi32>
    %block1_1_x_row_2 = stablehlo.convert %block1_1_x_row : (tensor<9x1xi32>) -> tensor<9x1xui32>
    %block1_1_x_element = stablehlo.iota dim = 1 : tensor<9x1xi32>
    %block1_1_x_element_2 = stablehlo.convert %block1_1_x_element : (tensor<9x1xi32>) -> tensor<9x1xui32>
    %block1_1_x_example = stablehlo.add %block1_1_x_first_example_2, %block1_1_x_row_2 : tensor<9x1xui32>
    %block1_1_x_key_both_2 = stablehlo.xor %block1_1_x_keyed_11, %block1_1_x_keyed_12 : tensor<ui32>
    %block1_1_x_key_third_2 = stablehlo.xor %block1_1_x_key_both_2, %c_4p66689e08 : tensor<ui32>
    %block1_1_x_key = stablehlo.broadcast_in_dim %block1_1_x_keyed_11, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_13 = stablehlo.add %block1_1_x_example, %block1_1_x_key : tensor<9x1xui32>
    %block1_1_x_key_2 = stablehlo.broadcast_in_dim %block1_1_x_keyed_12, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_14 = stablehlo.add %block1_1_x_element_2, %block1_1_x_key_2 : tensor<9x1xui32>
    %block1_1_x_left_21 = stablehlo.add %block1_1_x_keyed_13, %block1_1_x_keyed_14 : tensor<9x1xui32>
    %block1_1_x_up_21 = stablehlo.shift_left %block1_1_x_keyed_14, %c_13_2 : tensor<9x1xui32>
    %block1_1_x_down_21 = stablehlo.shift_right_logical %block1_1_x_keyed_14, %c_19_2 : tensor<9x1xui32>
    %block1_1_x_rotated_21 = stablehlo.or %block1_1_x_up_21, %block1_1_x_down_21 : tensor<9x1xui32>
    %block1_1_x_right_21 = stablehlo.xor %block1_1_x_rotated_21, %block1_1_x_left_21 : tensor<9x1xui32>
    %block1_1_x_left_22 = stablehlo.add %block1_1_x_left_21, %block1_1_x_right_21 : tensor<9x1xui32>
    %block1_1_x_up_22 = stablehlo.shift_left %block1_1_x_right_21, %c_15_2 : tensor<9x1xui32>
    %block1_1_x_down_22 = stablehlo.shift_right_logical %block1_1_x_right_21, %c_17_2 : tensor<9x1xui32>
    %block1_1_x_rotated_22 = stablehlo.or %block1_1_x_up_22, %block1_1_x_down_22 : tensor<9x1xui32>
    %block1_1_x_right_22 = stablehlo.xor %block1_1_x_rotated_22, %block1_1_x_left_22 : tensor<9x1xui32>
    %block1_1_x_left_23 = stablehlo.add %block1_1_x_left_22, %block1_1_x_right_22 : tensor<9x1xui32>
    %block1_1_x_up_23 = stablehlo.shift_left %block1_1_x_right_22, %c_26_2 : tensor<9x1xui32>
    %block1_1_x_down_23 = stablehlo.shift_right_logical %block1_1_x_right_22, %c_6_2 : tensor<9x1xui32>
    %block1_1_x_rotated_23 = stablehlo.or %block1_1_x_up_23, %block1_1_x_down_23 : tensor<9x1xui32>
    %block1_1_x_right_23 = stablehlo.xor %block1_1_x_rotated_23, %block1_1_x_left_23 : tensor<9x1xui32>
    %block1_1_x_left_24 = stablehlo.add %block1_1_x_left_23, %block1_1_x_right_23 : tensor<9x1xui32>
    %block1_1_x_up_24 = stablehlo.shift_left %block1_1_x_right_23, %c_6_2 : tensor<9x1xui32>
    %block1_1_x_down_24 = stablehlo.shift_right_logical %block1_1_x_right_23, %c_26_2 : tensor<9x1xui32>
    %block1_1_x_rotated_24 = stablehlo.or %block1_1_x_up_24, %block1_1_x_down_24 : tensor<9x1xui32>
    %block1_1_x_right_24 = stablehlo.xor %block1_1_x_rotated_24, %block1_1_x_left_24 : tensor<9x1xui32>
    %block1_1_x_key_counted_6 = stablehlo.add %block1_1_x_key_third_2, %c_1 : tensor<ui32>
    %block1_1_x_key_3 = stablehlo.broadcast_in_dim %block1_1_x_keyed_12, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_15 = stablehlo.add %block1_1_x_left_24, %block1_1_x_key_3 : tensor<9x1xui32>
    %block1_1_x_key_4 = stablehlo.broadcast_in_dim %block1_1_x_key_counted_6, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_16 = stablehlo.add %block1_1_x_right_24, %block1_1_x_key_4 : tensor<9x1xui32>
    %block1_1_x_left_25 = stablehlo.add %block1_1_x_keyed_15, %block1_1_x_keyed_16 : tensor<9x1xui32>
    %block1_1_x_up_25 = stablehlo.shift_left %block1_1_x_keyed_16, %c_17_2 : tensor<9x1xui32>
    %block1_1_x_down_25 = stablehlo.shift_right_logical %block1_1_x_keyed_16, %c_15_2 : tensor<9x1xui32>
    %block1_1_x_rotated_25 = stablehlo.or %block1_1_x_up_25, %block1_1_x_down_25 : tensor<9x1xui32>
    %block1_1_x_right_25 = stablehlo.xor %block1_1_x_rotated_25, %block1_1_x_left_25 : tensor<9x1xui32>
    %block1_1_x_left_26 = stablehlo.add %block1_1_x_left_25, %block1_1_x_right_25 : tensor<9x1xui32>
    %block1_1_x_up_26 = stablehlo.shift_left %block1_1_x_right_25, %c_29_2 : tensor<9x1xui32>
    %block1_1_x_down_26 = stablehlo.shift_right_logical %block1_1_x_right_25, %c_3_2 : tensor<9x1xui32>
    %block1_1_x_rotated_26 = stablehlo.or %block1_1_x_up_26, %block1_1_x_down_26 : tensor<9x1xui32>
    %block1_1_x_right_26 = stablehlo.xor %block1_1_x_rotated_26, %block1_1_x_left_26 : tensor<9x1xui32>
    %block1_1_x_left_27 = stablehlo.add %block1_1_x_left_26, %block1_1_x_right_26 : tensor<9x1xui32>
    %block1_1_x_up_27 = stablehlo.shift_left %block1_1_x_right_26, %c_16_2 : tensor<9x1xui32>
    %block1_1_x_down_27 = stablehlo.shift_right_logical %block1_1_x_right_26, %c_16_2 : tensor<9x1xui32>
    %block1_1_x_rotated_27 = stablehlo.or %block1_1_x_up_27, %block1_1_x_down_27 : tensor<9x1xui32>
    %block1_1_x_right_27 = stablehlo.xor %block1_1_x_rotated_27, %block1_1_x_left_27 : tensor<9x1xui32>
    %block1_1_x_left_28 = stablehlo.add %block1_1_x_left_27, %block1_1_x_right_27 : tensor<9x1xui32>
    %block1_1_x_up_28 = stablehlo.shift_left %block1_1_x_right_27, %c_24_2 : tensor<9x1xui32>
    %block1_1_x_down_28 = stablehlo.shift_right_logical %block1_1_x_right_27, %c_8_2 : tensor<9x1xui32>
    %block1_1_x_rotated_28 = stablehlo.or %block1_1_x_up_28, %block1_1_x_down_28 : tensor<9x1xui32>
    %block1_1_x_right_28 = stablehlo.xor %block1_1_x_rotated_28, %block1_1_x_left_28 : tensor<9x1xui32>
    %block1_1_x_key_counted_7 = stablehlo.add %block1_1_x_keyed_11, %c_2 : tensor<ui32>
    %block1_1_x_key_5 = stablehlo.broadcast_in_dim %block1_1_x_key_third_2, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_17 = stablehlo.add %block1_1_x_left_28, %block1_1_x_key_5 : tensor<9x1xui32>
    %block1_1_x_key_6 = stablehlo.broadcast_in_dim %block1_1_x_key_counted_7, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_18 = stablehlo.add %block1_1_x_right_28, %block1_1_x_key_6 : tensor<9x1xui32>
    %block1_1_x_left_29 = stablehlo.add %block1_1_x_keyed_17, %block1_1_x_keyed_18 : tensor<9x1xui32>
    %block1_1_x_up_29 = stablehlo.shift_left %block1_1_x_keyed_18, %c_13_2 : tensor<9x1xui32>
    %block1_1_x_down_29 = stablehlo.shift_right_logical %block1_1_x_keyed_18, %c_19_2 : tensor<9x1xui32>
    %block1_1_x_rotated_29 = stablehlo.or %block1_1_x_up_29, %block1_1_x_down_29 : tensor<9x1xui32>
    %block1_1_x_right_29 = stablehlo.xor %block1_1_x_rotated_29, %block1_1_x_left_29 : tensor<9x1xui32>
    %block1_1_x_left_30 = stablehlo.add %block1_1_x_left_29, %block1_1_x_right_29 : tensor<9x1xui32>
    %block1_1_x_up_30 = stablehlo.shift_left %block1_1_x_right_29, %c_15_2 : tensor<9x1xui32>
    %block1_1_x_down_30 = stablehlo.shift_right_logical %block1_1_x_right_29, %c_17_2 : tensor<9x1xui32>
    %block1_1_x_rotated_30 = stablehlo.or %block1_1_x_up_30, %block1_1_x_down_30 : tensor<9x1xui32>
    %block1_1_x_right_30 = stablehlo.xor %block1_1_x_rotated_30, %block1_1_x_left_30 : tensor<9x1xui32>
    %block1_1_x_left_31 = stablehlo.add %block1_1_x_left_30, %block1_1_x_right_30 : tensor<9x1xui32>
    %block1_1_x_up_31 = stablehlo.shift_left %block1_1_x_right_30, %c_26_2 : tensor<9x1xui32>
    %block1_1_x_down_31 = stablehlo.shift_right_logical %block1_1_x_right_30, %c_6_2 : tensor<9x1xui32>
    %block1_1_x_rotated_31 = stablehlo.or %block1_1_x_up_31, %block1_1_x_down_31 : tensor<9x1xui32>
    %block1_1_x_right_31 = stablehlo.xor %block1_1_x_rotated_31, %block1_1_x_left_31 : tensor<9x1xui32>
    %block1_1_x_left_32 = stablehlo.add %block1_1_x_left_31, %block1_1_x_right_31 : tensor<9x1xui32>
    %block1_1_x_up_32 = stablehlo.shift_left %block1_1_x_right_31, %c_6_2 : tensor<9x1xui32>
    %block1_1_x_down_32 = stablehlo.shift_right_logical %block1_1_x_right_31, %c_26_2 : tensor<9x1xui32>
    %block1_1_x_rotated_32 = stablehlo.or %block1_1_x_up_32, %block1_1_x_down_32 : tensor<9x1xui32>
    %block1_1_x_right_32 = stablehlo.xor %block1_1_x_rotated_32, %block1_1_x_left_32 : tensor<9x1xui32>
    %block1_1_x_key_counted_8 = stablehlo.add %block1_1_x_keyed_12, %c_3 : tensor<ui32>
    %block1_1_x_key_7 = stablehlo.broadcast_in_dim %block1_1_x_keyed_11, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_19 = stablehlo.add %block1_1_x_left_32, %block1_1_x_key_7 : tensor<9x1xui32>
    %block1_1_x_key_8 = stablehlo.broadcast_in_dim %block1_1_x_key_counted_8, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_20 = stablehlo.add %block1_1_x_right_32, %block1_1_x_key_8 : tensor<9x1xui32>
    %block1_1_x_left_33 = stablehlo.add %block1_1_x_keyed_19, %block1_1_x_keyed_20 : tensor<9x1xui32>
    %block1_1_x_up_33 = stablehlo.shift_left %block1_1_x_keyed_20, %c_17_2 : tensor<9x1xui32>
    %block1_1_x_down_33 = stablehlo.shift_right_logical %block1_1_x_keyed_20, %c_15_2 : tensor<9x1xui32>
    %block1_1_x_rotated_33 = stablehlo.or %block1_1_x_up_33, %block1_1_x_down_33 : tensor<9x1xui32>
    %block1_1_x_right_33 = stablehlo.xor %block1_1_x_rotated_33, %block1_1_x_left_33 : tensor<9x1xui32>
    %block1_1_x_left_34 = stablehlo.add %block1_1_x_left_33, %block1_1_x_right_33 : tensor<9x1xui32>
    %block1_1_x_up_34 = stablehlo.shift_left %block1_1_x_right_33, %c_29_2 : tensor<9x1xui32>
    %block1_1_x_down_34 = stablehlo.shift_right_logical %block1_1_x_right_33, %c_3_2 : tensor<9x1xui32>
    %block1_1_x_rotated_34 = stablehlo.or %block1_1_x_up_34, %block1_1_x_down_34 : tensor<9x1xui32>
    %block1_1_x_right_34 = stablehlo.xor %block1_1_x_rotated_34, %block1_1_x_left_34 : tensor<9x1xui32>
    %block1_1_x_left_35 = stablehlo.add %block1_1_x_left_34, %block1_1_x_right_34 : tensor<9x1xui32>
    %block1_1_x_up_35 = stablehlo.shift_left %block1_1_x_right_34, %c_16_2 : tensor<9x1xui32>
    %block1_1_x_down_35 = stablehlo.shift_right_logical %block1_1_x_right_34, %c_16_2 : tensor<9x1xui32>
    %block1_1_x_rotated_35 = stablehlo.or %block1_1_x_up_35, %block1_1_x_down_35 : tensor<9x1xui32>
    %block1_1_x_right_35 = stablehlo.xor %block1_1_x_rotated_35, %block1_1_x_left_35 : tensor<9x1xui32>
    %block1_1_x_left_36 = stablehlo.add %block1_1_x_left_35, %block1_1_x_right_35 : tensor<9x1xui32>
    %block1_1_x_up_36 = stablehlo.shift_left %block1_1_x_right_35, %c_24_2 : tensor<9x1xui32>
    %block1_1_x_down_36 = stablehlo.shift_right_logical %block1_1_x_right_35, %c_8_2 : tensor<9x1xui32>
    %block1_1_x_rotated_36 = stablehlo.or %block1_1_x_up_36, %block1_1_x_down_36 : tensor<9x1xui32>
    %block1_1_x_right_36 = stablehlo.xor %block1_1_x_rotated_36, %block1_1_x_left_36 : tensor<9x1xui32>
    %block1_1_x_key_counted_9 = stablehlo.add %block1_1_x_key_third_2, %c_4 : tensor<ui32>
    %block1_1_x_key_9 = stablehlo.broadcast_in_dim %block1_1_x_keyed_12, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_21 = stablehlo.add %block1_1_x_left_36, %block1_1_x_key_9 : tensor<9x1xui32>
    %block1_1_x_key_10 = stablehlo.broadcast_in_dim %block1_1_x_key_counted_9, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_22 = stablehlo.add %block1_1_x_right_36, %block1_1_x_key_10 : tensor<9x1xui32>
    %block1_1_x_left_37 = stablehlo.add %block1_1_x_keyed_21, %block1_1_x_keyed_22 : tensor<9x1xui32>
    %block1_1_x_up_37 = stablehlo.shift_left %block1_1_x_keyed_22, %c_13_2 : tensor<9x1xui32>
    %block1_1_x_down_37 = stablehlo.shift_right_logical %block1_1_x_keyed_22, %c_19_2 : tensor<9x1xui32>
    %block1_1_x_rotated_37 = stablehlo.or %block1_1_x_up_37, %block1_1_x_down_37 : tensor<9x1xui32>
    %block1_1_x_right_37 = stablehlo.xor %block1_1_x_rotated_37, %block1_1_x_left_37 : tensor<9x1xui32>
    %block1_1_x_left_38 = stablehlo.add %block1_1_x_left_37, %block1_1_x_right_37 : tensor<9x1xui32>
    %block1_1_x_up_38 = stablehlo.shift_left %block1_1_x_right_37, %c_15_2 : tensor<9x1xui32>
    %block1_1_x_down_38 = stablehlo.shift_right_logical %block1_1_x_right_37, %c_17_2 : tensor<9x1xui32>
    %block1_1_x_rotated_38 = stablehlo.or %block1_1_x_up_38, %block1_1_x_down_38 : tensor<9x1xui32>
    %block1_1_x_right_38 = stablehlo.xor %block1_1_x_rotated_38, %block1_1_x_left_38 : tensor<9x1xui32>
    %block1_1_x_left_39 = stablehlo.add %block1_1_x_left_38, %block1_1_x_right_38 : tensor<9x1xui32>
    %block1_1_x_up_39 = stablehlo.shift_left %block1_1_x_right_38, %c_26_2 : tensor<9x1xui32>
    %block1_1_x_down_39 = stablehlo.shift_right_logical %block1_1_x_right_38, %c_6_2 : tensor<9x1xui32>
    %block1_1_x_rotated_39 = stablehlo.or %block1_1_x_up_39, %block1_1_x_down_39 : tensor<9x1xui32>
    %block1_1_x_right_39 = stablehlo.xor %block1_1_x_rotated_39, %block1_1_x_left_39 : tensor<9x1xui32>
    %block1_1_x_left_40 = stablehlo.add %block1_1_x_left_39, %block1_1_x_right_39 : tensor<9x1xui32>
    %block1_1_x_key_11 = stablehlo.broadcast_in_dim %block1_1_x_key_third_2, dims = [] : (tensor<ui32>) -> tensor<9x1xui32>
    %block1_1_x_keyed_23 = stablehlo.add %block1_1_x_left_40, %block1_1_x_key_11 : tensor<9x1xui32>
    %block1_1_x_keeps = stablehlo.compare LT, %block1_1_x_keyed_23, %c_3p43597e09, UNSIGNED : (tensor<9x1xui32>, tensor<9x1xui32>) -> tensor<9x1xi1>
    %block1_1_x_factor = stablehlo.select %block1_1_x_keeps, %c_1p25, %c_0 : tensor<9x1xi1>, tensor<9x1xf32>
    %block1_1_x_factor_2 = stablehlo.reshape %block1_1_x_factor : (tensor<9x1xf32>) -> tensor<9xf32>
    %block1_1_x_each = stablehlo.broadcast_in_dim %block1_1_x_factor_2, dims = [0] : (tensor<9xf32>) -> tensor<9x3x2x5xf32>
    %block1_1_x_out = stablehlo.multiply %x, %block1_1_x_each : tensor<9x3x2x5xf32>
    %block1_1_x_each_2 = stablehlo.broadcast_in_dim %block1_1_x_factor_2, dims = [0] : (tensor<9xf32>) -> tensor<9x3x2x5xf32>
    %block1_1_x_dx = stablehlo.multiply %dy, %block1_1_x_each_2 : tensor<9x3x2x5xf32>
    return %block1_1_x_out, %block1_1_x_dx : tensor<9x3x2x5xf32>, tensor<9x3x2x5xf32>
  }
}
