// MaxPool(window=Window(size=3, stride=2, padding='symmetric', dilation=1))
module @max_pool {
  func.func public @main(
      %x: tensor<1x5x6x2xf32>,
      %dy: tensor<1x3x3x2xf32>
  ) -> (
      tensor<1x3x3x2xf32>,
      tensor<1x5x6x2xf32>
  ) {
    %c_minus_inf = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %c_9 = stablehlo.constant dense<9> : tensor<1x3x3x2xi32>
    %c_8 = stablehlo.constant dense<8> : tensor<1x3x3x2xi32>
    %c_7 = stablehlo.constant dense<7> : tensor<1x3x3x2xi32>
    %c_6 = stablehlo.constant dense<6> : tensor<1x3x3x2xi32>
    %c_5 = stablehlo.constant dense<5> : tensor<1x3x3x2xi32>
    %c_4 = stablehlo.constant dense<4> : tensor<1x3x3x2xi32>
    %c_3 = stablehlo.constant dense<3> : tensor<1x3x3x2xi32>
    %c_2 = stablehlo.constant dense<2> : tensor<1x3x3x2xi32>
    %c_1 = stablehlo.constant dense<1> : tensor<1x3x3x2xi32>
    %c_0 = stablehlo.constant dense<0> : tensor<1x3x3x2xi32>
    %c_0_2 = stablehlo.constant dense<0.0> : tensor<f32>
    %c_m1 = stablehlo.constant dense<-1> : tensor<i32>
    %c_0_3 = stablehlo.constant dense<0> : tensor<1x5x6x2xi32>
    %c_0_4 = stablehlo.constant dense<0.0> : tensor<1x5x6x2xf32>
    %c_1_2 = stablehlo.constant dense<1> : tensor<1x5x6x2xi32>
    %c_2_2 = stablehlo.constant dense<2> : tensor<1x5x6x2xi32>
    %c_3_2 = stablehlo.constant dense<3> : tensor<1x5x6x2xi32>
    %c_4_2 = stablehlo.constant dense<4> : tensor<1x5x6x2xi32>
    %c_5_2 = stablehlo.constant dense<5> : tensor<1x5x6x2xi32>
    %c_6_2 = stablehlo.constant dense<6> : tensor<1x5x6x2xi32>
    %c_7_2 = stablehlo.constant dense<7> : tensor<1x5x6x2xi32>
    %c_8_2 = stablehlo.constant dense<8> : tensor<1x5x6x2xi32>
    %block1_1_x_max = "stablehlo.reduce_window"(%x, %c_minus_inf) <{window_dimensions = array<i64: 1, 3, 3, 1>, window_strides = array<i64: 1, 2, 2, 1>, padding = dense<[[0, 0], [1, 1], [1, 1], [0, 0]]> : tensor<4x2xi64>}> ({
    ^bb0(%left: tensor<f32>, %right: tensor<f32>):
      %both = stablehlo.maximum %left, %right : tensor<f32>
      stablehlo.return %both : tensor<f32>
    }) : (tensor<1x5x6x2xf32>, tensor<f32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_pad = stablehlo.pad %x, %c_minus_inf, low = [0, 1, 1, 0], high = [0, 2, 1, 0], interior = [0, 0, 0, 0] : (tensor<1x5x6x2xf32>, tensor<f32>) -> tensor<1x8x8x2xf32>
    %block1_1_x_phases = stablehlo.reshape %block1_1_x_pad : (tensor<1x8x8x2xf32>) -> tensor<1x4x2x4x2x2xf32>
    %block1_1_x_at22 = stablehlo.slice %block1_1_x_phases [0:1, 1:4, 0:1, 1:4, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see22 = stablehlo.reshape %block1_1_x_at22 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest = stablehlo.compare EQ, %block1_1_x_see22, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first = stablehlo.select %block1_1_x_largest, %c_8, %c_9 : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_at21 = stablehlo.slice %block1_1_x_phases [0:1, 1:4, 0:1, 0:3, 1:2, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see21 = stablehlo.reshape %block1_1_x_at21 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest_2 = stablehlo.compare EQ, %block1_1_x_see21, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first_2 = stablehlo.select %block1_1_x_largest_2, %c_7, %block1_1_x_first : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_at20 = stablehlo.slice %block1_1_x_phases [0:1, 1:4, 0:1, 0:3, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see20 = stablehlo.reshape %block1_1_x_at20 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest_3 = stablehlo.compare EQ, %block1_1_x_see20, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first_3 = stablehlo.select %block1_1_x_largest_3, %c_6, %block1_1_x_first_2 : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_at12 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 1:2, 1:4, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see12 = stablehlo.reshape %block1_1_x_at12 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest_4 = stablehlo.compare EQ, %block1_1_x_see12, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first_4 = stablehlo.select %block1_1_x_largest_4, %c_5, %block1_1_x_first_3 : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_at11 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 1:2, 0:3, 1:2, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see11 = stablehlo.reshape %block1_1_x_at11 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest_5 = stablehlo.compare EQ, %block1_1_x_see11, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first_5 = stablehlo.select %block1_1_x_largest_5, %c_4, %block1_1_x_first_4 : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_at10 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 1:2, 0:3, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see10 = stablehlo.reshape %block1_1_x_at10 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest_6 = stablehlo.compare EQ, %block1_1_x_see10, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first_6 = stablehlo.select %block1_1_x_largest_6, %c_3, %block1_1_x_first_5 : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_at02 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 0:1, 1:4, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see02 = stablehlo.reshape %block1_1_x_at02 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest_7 = stablehlo.compare EQ, %block1_1_x_see02, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first_7 = stablehlo.select %block1_1_x_largest_7, %c_2, %block1_1_x_first_6 : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_at01 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 0:1, 0:3, 1:2, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see01 = stablehlo.reshape %block1_1_x_at01 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest_8 = stablehlo.compare EQ, %block1_1_x_see01, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first_8 = stablehlo.select %block1_1_x_largest_8, %c_1, %block1_1_x_first_7 : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_at00 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 0:1, 0:3, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see00 = stablehlo.reshape %block1_1_x_at00 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_largest_9 = stablehlo.compare EQ, %block1_1_x_see00, %block1_1_x_max, FLOAT : (tensor<1x3x3x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xi1>
    %block1_1_x_first_9 = stablehlo.select %block1_1_x_largest_9, %c_0, %block1_1_x_first_8 : tensor<1x3x3x2xi1>, tensor<1x3x3x2xi32>
    %block1_1_x_spread = stablehlo.pad %dy, %c_0_2, low = [0, 1, 1, 0], high = [0, 1, 2, 0], interior = [0, 1, 1, 0] : (tensor<1x3x3x2xf32>, tensor<f32>) -> tensor<1x7x8x2xf32>
    %block1_1_x_chosen = stablehlo.pad %block1_1_x_first_9, %c_m1, low = [0, 1, 1, 0], high = [0, 1, 2, 0], interior = [0, 1, 1, 0] : (tensor<1x3x3x2xi32>, tensor<i32>) -> tensor<1x7x8x2xi32>
    %block1_1_x_here = stablehlo.slice %block1_1_x_chosen [0:1, 2:7, 2:8, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine = stablehlo.compare EQ, %block1_1_x_here, %c_0_3, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part = stablehlo.slice %block1_1_x_spread [0:1, 2:7, 2:8, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_2 = stablehlo.select %block1_1_x_mine, %block1_1_x_part, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_here_2 = stablehlo.slice %block1_1_x_chosen [0:1, 2:7, 1:7, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine_2 = stablehlo.compare EQ, %block1_1_x_here_2, %c_1_2, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part_3 = stablehlo.slice %block1_1_x_spread [0:1, 2:7, 1:7, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_4 = stablehlo.select %block1_1_x_mine_2, %block1_1_x_part_3, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_dx = stablehlo.add %block1_1_x_part_2, %block1_1_x_part_4 : tensor<1x5x6x2xf32>
    %block1_1_x_here_3 = stablehlo.slice %block1_1_x_chosen [0:1, 2:7, 0:6, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine_3 = stablehlo.compare EQ, %block1_1_x_here_3, %c_2_2, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part_5 = stablehlo.slice %block1_1_x_spread [0:1, 2:7, 0:6, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_6 = stablehlo.select %block1_1_x_mine_3, %block1_1_x_part_5, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_dx_2 = stablehlo.add %block1_1_x_dx, %block1_1_x_part_6 : tensor<1x5x6x2xf32>
    %block1_1_x_here_4 = stablehlo.slice %block1_1_x_chosen [0:1, 1:6, 2:8, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine_4 = stablehlo.compare EQ, %block1_1_x_here_4, %c_3_2, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part_7 = stablehlo.slice %block1_1_x_spread [0:1, 1:6, 2:8, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_8 = stablehlo.select %block1_1_x_mine_4, %block1_1_x_part_7, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_dx_3 = stablehlo.add %block1_1_x_dx_2, %block1_1_x_part_8 : tensor<1x5x6x2xf32>
    %block1_1_x_here_5 = stablehlo.slice %block1_1_x_chosen [0:1, 1:6, 1:7, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine_5 = stablehlo.compare EQ, %block1_1_x_here_5, %c_4_2, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part_9 = stablehlo.slice %block1_1_x_spread [0:1, 1:6, 1:7, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_10 = stablehlo.select %block1_1_x_mine_5, %block1_1_x_part_9, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_dx_4 = stablehlo.add %block1_1_x_dx_3, %block1_1_x_part_10 : tensor<1x5x6x2xf32>
    %block1_1_x_here_6 = stablehlo.slice %block1_1_x_chosen [0:1, 1:6, 0:6, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine_6 = stablehlo.compare EQ, %block1_1_x_here_6, %c_5_2, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part_11 = stablehlo.slice %block1_1_x_spread [0:1, 1:6, 0:6, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_12 = stablehlo.select %block1_1_x_mine_6, %block1_1_x_part_11, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_dx_5 = stablehlo.add %block1_1_x_dx_4, %block1_1_x_part_12 : tensor<1x5x6x2xf32>
    %block1_1_x_here_7 = stablehlo.slice %block1_1_x_chosen [0:1, 0:5, 2:8, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine_7 = stablehlo.compare EQ, %block1_1_x_here_7, %c_6_2, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part_13 = stablehlo.slice %block1_1_x_spread [0:1, 0:5, 2:8, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_14 = stablehlo.select %block1_1_x_mine_7, %block1_1_x_part_13, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_dx_6 = stablehlo.add %block1_1_x_dx_5, %block1_1_x_part_14 : tensor<1x5x6x2xf32>
    %block1_1_x_here_8 = stablehlo.slice %block1_1_x_chosen [0:1, 0:5, 1:7, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine_8 = stablehlo.compare EQ, %block1_1_x_here_8, %c_7_2, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part_15 = stablehlo.slice %block1_1_x_spread [0:1, 0:5, 1:7, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_16 = stablehlo.select %block1_1_x_mine_8, %block1_1_x_part_15, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_dx_7 = stablehlo.add %block1_1_x_dx_6, %block1_1_x_part_16 : tensor<1x5x6x2xf32>
    %block1_1_x_here_9 = stablehlo.slice %block1_1_x_chosen [0:1, 0:5, 0:6, 0:2] : (tensor<1x7x8x2xi32>) -> tensor<1x5x6x2xi32>
    %block1_1_x_mine_9 = stablehlo.compare EQ, %block1_1_x_here_9, %c_8_2, SIGNED : (tensor<1x5x6x2xi32>, tensor<1x5x6x2xi32>) -> tensor<1x5x6x2xi1>
    %block1_1_x_part_17 = stablehlo.slice %block1_1_x_spread [0:1, 0:5, 0:6, 0:2] : (tensor<1x7x8x2xf32>) -> tensor<1x5x6x2xf32>
    %block1_1_x_part_18 = stablehlo.select %block1_1_x_mine_9, %block1_1_x_part_17, %c_0_4 : tensor<1x5x6x2xi1>, tensor<1x5x6x2xf32>
    %block1_1_x_dx_8 = stablehlo.add %block1_1_x_dx_7, %block1_1_x_part_18 : tensor<1x5x6x2xf32>
    return %block1_1_x_max, %block1_1_x_dx_8 : tensor<1x3x3x2xf32>, tensor<1x5x6x2xf32>
  }
}
