// Convolution(ic=2, oc=3, window=Window(size=3, stride=1, padding='same', dilation=1), bias=False, groups=1)
module @convolution {
  func.func public @main(
      %x: tensor<2x5x6x2xf32>,
      %weight: tensor<3x3x2x3xf32>,
      %dy: tensor<2x5x6x3xf32>
  ) -> (
      tensor<2x5x6x3xf32>,
      tensor<2x5x6x2xf32>,
      tensor<3x3x2x3xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %c_winograd = stablehlo.constant dense<[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, -0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.5, 0.0, 0.0, 0.5, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, -0.25, 0.25, 0.25, -0.25, 0.25, 0.25, -0.25, 0.25, 0.0, 0.0, 0.5, 0.0, 0.0, 0.5, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, -0.5, 0.0, 0.0, 0.5, 0.0, 0.0, 0.25, 0.25, 0.25, -0.25, -0.25, -0.25, 0.25, 0.25, 0.25, 0.25, -0.25, 0.25, -0.25, 0.25, -0.25, 0.25, -0.25, 0.25, 0.0, 0.0, 0.5, 0.0, 0.0, -0.5, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, -0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]> : tensor<144xf32>
    %c_winograd_2 = stablehlo.constant dense<[1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0, 1.0, 0.0, 1.0, -1.0, 1.0, 0.0, 1.0, -1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, -1.0, -1.0, -1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0, 1.0, 0.0, -1.0, 1.0, -1.0, 0.0, 1.0, -1.0, 1.0]> : tensor<64xf32>
    %c_winograd_3 = stablehlo.constant dense<[1.0, 0.5, 0.5, 0.0, 0.5, 0.25, 0.25, 0.0, 0.5, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, -0.5, 0.0, 0.0, 0.25, -0.25, 0.0, 0.0, 0.25, -0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 1.0, 0.0, 0.25, 0.25, 0.5, 0.0, 0.25, 0.25, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.25, 0.25, 0.0, -0.5, -0.25, -0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, -0.25, 0.0, 0.0, -0.25, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.5, 0.0, -0.25, -0.25, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.25, 0.25, 0.0, 0.5, 0.25, 0.25, 0.0, 1.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, -0.25, 0.0, 0.0, 0.25, -0.25, 0.0, 0.0, 0.5, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.5, 0.0, 0.25, 0.25, 0.5, 0.0, 0.5, 0.5, 1.0]> : tensor<144xf32>
    %block1_1_x_pad = stablehlo.pad %x, %c_0, low = [0, 1, 1, 0], high = [0, 2, 1, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x2xf32>, tensor<f32>) -> tensor<2x8x8x2xf32>
    %block1_1_x_pairs = stablehlo.reshape %block1_1_x_pad : (tensor<2x8x8x2xf32>) -> tensor<16x4x2x2xf32>
    %block1_1_x_at0 = stablehlo.slice %block1_1_x_pairs [0:16, 0:3, 0:1, 0:2] : (tensor<16x4x2x2xf32>) -> tensor<16x3x1x2xf32>
    %block1_1_x_see0 = stablehlo.reshape %block1_1_x_at0 : (tensor<16x3x1x2xf32>) -> tensor<16x3x2xf32>
    %block1_1_x_at1 = stablehlo.slice %block1_1_x_pairs [0:16, 0:3, 1:2, 0:2] : (tensor<16x4x2x2xf32>) -> tensor<16x3x1x2xf32>
    %block1_1_x_see1 = stablehlo.reshape %block1_1_x_at1 : (tensor<16x3x1x2xf32>) -> tensor<16x3x2xf32>
    %block1_1_x_at2 = stablehlo.slice %block1_1_x_pairs [0:16, 1:4, 0:1, 0:2] : (tensor<16x4x2x2xf32>) -> tensor<16x3x1x2xf32>
    %block1_1_x_see2 = stablehlo.reshape %block1_1_x_at2 : (tensor<16x3x1x2xf32>) -> tensor<16x3x2xf32>
    %block1_1_x_at3 = stablehlo.slice %block1_1_x_pairs [0:16, 1:4, 1:2, 0:2] : (tensor<16x4x2x2xf32>) -> tensor<16x3x1x2xf32>
    %block1_1_x_see3 = stablehlo.reshape %block1_1_x_at3 : (tensor<16x3x1x2xf32>) -> tensor<16x3x2xf32>
    %block1_1_x_difference = stablehlo.subtract %block1_1_x_see0, %block1_1_x_see2 : tensor<16x3x2xf32>
    %block1_1_x_one = stablehlo.reshape %block1_1_x_difference : (tensor<16x3x2xf32>) -> tensor<1x16x3x2xf32>
    %block1_1_x_sum = stablehlo.add %block1_1_x_see1, %block1_1_x_see2 : tensor<16x3x2xf32>
    %block1_1_x_one_2 = stablehlo.reshape %block1_1_x_sum : (tensor<16x3x2xf32>) -> tensor<1x16x3x2xf32>
    %block1_1_x_difference_2 = stablehlo.subtract %block1_1_x_see2, %block1_1_x_see1 : tensor<16x3x2xf32>
    %block1_1_x_one_3 = stablehlo.reshape %block1_1_x_difference_2 : (tensor<16x3x2xf32>) -> tensor<1x16x3x2xf32>
    %block1_1_x_difference_3 = stablehlo.subtract %block1_1_x_see3, %block1_1_x_see1 : tensor<16x3x2xf32>
    %block1_1_x_one_4 = stablehlo.reshape %block1_1_x_difference_3 : (tensor<16x3x2xf32>) -> tensor<1x16x3x2xf32>
    %block1_1_x_mixed = stablehlo.concatenate %block1_1_x_one, %block1_1_x_one_2, %block1_1_x_one_3, %block1_1_x_one_4, dim = 0 : (tensor<1x16x3x2xf32>, tensor<1x16x3x2xf32>, tensor<1x16x3x2xf32>, tensor<1x16x3x2xf32>) -> tensor<4x16x3x2xf32>
    %block1_1_x_pairs_2 = stablehlo.reshape %block1_1_x_mixed : (tensor<4x16x3x2xf32>) -> tensor<8x4x2x6xf32>
    %block1_1_x_at0_2 = stablehlo.slice %block1_1_x_pairs_2 [0:8, 0:3, 0:1, 0:6] : (tensor<8x4x2x6xf32>) -> tensor<8x3x1x6xf32>
    %block1_1_x_see0_2 = stablehlo.reshape %block1_1_x_at0_2 : (tensor<8x3x1x6xf32>) -> tensor<8x3x6xf32>
    %block1_1_x_at1_2 = stablehlo.slice %block1_1_x_pairs_2 [0:8, 0:3, 1:2, 0:6] : (tensor<8x4x2x6xf32>) -> tensor<8x3x1x6xf32>
    %block1_1_x_see1_2 = stablehlo.reshape %block1_1_x_at1_2 : (tensor<8x3x1x6xf32>) -> tensor<8x3x6xf32>
    %block1_1_x_at2_2 = stablehlo.slice %block1_1_x_pairs_2 [0:8, 1:4, 0:1, 0:6] : (tensor<8x4x2x6xf32>) -> tensor<8x3x1x6xf32>
    %block1_1_x_see2_2 = stablehlo.reshape %block1_1_x_at2_2 : (tensor<8x3x1x6xf32>) -> tensor<8x3x6xf32>
    %block1_1_x_at3_2 = stablehlo.slice %block1_1_x_pairs_2 [0:8, 1:4, 1:2, 0:6] : (tensor<8x4x2x6xf32>) -> tensor<8x3x1x6xf32>
    %block1_1_x_see3_2 = stablehlo.reshape %block1_1_x_at3_2 : (tensor<8x3x1x6xf32>) -> tensor<8x3x6xf32>
    %block1_1_x_difference_4 = stablehlo.subtract %block1_1_x_see0_2, %block1_1_x_see2_2 : tensor<8x3x6xf32>
    %block1_1_x_one_5 = stablehlo.reshape %block1_1_x_difference_4 : (tensor<8x3x6xf32>) -> tensor<1x8x3x6xf32>
    %block1_1_x_sum_2 = stablehlo.add %block1_1_x_see1_2, %block1_1_x_see2_2 : tensor<8x3x6xf32>
    %block1_1_x_one_6 = stablehlo.reshape %block1_1_x_sum_2 : (tensor<8x3x6xf32>) -> tensor<1x8x3x6xf32>
    %block1_1_x_difference_5 = stablehlo.subtract %block1_1_x_see2_2, %block1_1_x_see1_2 : tensor<8x3x6xf32>
    %block1_1_x_one_7 = stablehlo.reshape %block1_1_x_difference_5 : (tensor<8x3x6xf32>) -> tensor<1x8x3x6xf32>
    %block1_1_x_difference_6 = stablehlo.subtract %block1_1_x_see3_2, %block1_1_x_see1_2 : tensor<8x3x6xf32>
    %block1_1_x_one_8 = stablehlo.reshape %block1_1_x_difference_6 : (tensor<8x3x6xf32>) -> tensor<1x8x3x6xf32>
    %block1_1_x_mixed_2 = stablehlo.concatenate %block1_1_x_one_5, %block1_1_x_one_6, %block1_1_x_one_7, %block1_1_x_one_8, dim = 0 : (tensor<1x8x3x6xf32>, tensor<1x8x3x6xf32>, tensor<1x8x3x6xf32>, tensor<1x8x3x6xf32>) -> tensor<4x8x3x6xf32>
    %block1_1_x_tiles = stablehlo.reshape %block1_1_x_mixed_2 : (tensor<4x8x3x6xf32>) -> tensor<16x18x2xf32>
    %block1_1_x_flat = stablehlo.reshape %weight : (tensor<3x3x2x3xf32>) -> tensor<9x6xf32>
    %block1_1_x_matrix = stablehlo.reshape %c_winograd : (tensor<144xf32>) -> tensor<16x9xf32>
    %block1_1_x_mixed_3 = stablehlo.dot_general %block1_1_x_matrix, %block1_1_x_flat, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<16x9xf32>, tensor<9x6xf32>) -> tensor<16x6xf32>
    %block1_1_x_places = stablehlo.reshape %block1_1_x_mixed_3 : (tensor<16x6xf32>) -> tensor<16x2x3xf32>
    %block1_1_x_conv = stablehlo.dot_general %block1_1_x_tiles, %block1_1_x_places, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<16x18x2xf32>, tensor<16x2x3xf32>) -> tensor<16x18x3xf32>
    %block1_1_x_flat_2 = stablehlo.reshape %block1_1_x_conv : (tensor<16x18x3xf32>) -> tensor<16x54xf32>
    %block1_1_x_matrix_2 = stablehlo.reshape %c_winograd_2 : (tensor<64xf32>) -> tensor<4x16xf32>
    %block1_1_x_mixed_4 = stablehlo.dot_general %block1_1_x_matrix_2, %block1_1_x_flat_2, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16xf32>, tensor<16x54xf32>) -> tensor<4x54xf32>
    %block1_1_x_four = stablehlo.reshape %block1_1_x_mixed_4 : (tensor<4x54xf32>) -> tensor<2x2x2x3x3x3xf32>
    %block1_1_x_whole = stablehlo.transpose %block1_1_x_four, dims = [2, 3, 0, 4, 1, 5] : (tensor<2x2x2x3x3x3xf32>) -> tensor<2x3x2x3x2x3xf32>
    %block1_1_x_whole_2 = stablehlo.reshape %block1_1_x_whole : (tensor<2x3x2x3x2x3xf32>) -> tensor<2x6x6x3xf32>
    %block1_1_x_conv_2 = stablehlo.slice %block1_1_x_whole_2 [0:2, 0:5, 0:6, 0:3] : (tensor<2x6x6x3xf32>) -> tensor<2x5x6x3xf32>
    %block1_1_x_pad_2 = stablehlo.pad %dy, %c_0, low = [0, 0, 0, 0], high = [0, 1, 0, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x3xf32>, tensor<f32>) -> tensor<2x6x6x3xf32>
    %block1_1_x_pairs_3 = stablehlo.reshape %block1_1_x_pad_2 : (tensor<2x6x6x3xf32>) -> tensor<12x3x2x3xf32>
    %block1_1_x_at0_3 = stablehlo.slice %block1_1_x_pairs_3 [0:12, 0:3, 0:1, 0:3] : (tensor<12x3x2x3xf32>) -> tensor<12x3x1x3xf32>
    %block1_1_x_see0_3 = stablehlo.reshape %block1_1_x_at0_3 : (tensor<12x3x1x3xf32>) -> tensor<12x3x3xf32>
    %block1_1_x_at1_3 = stablehlo.slice %block1_1_x_pairs_3 [0:12, 0:3, 1:2, 0:3] : (tensor<12x3x2x3xf32>) -> tensor<12x3x1x3xf32>
    %block1_1_x_see1_3 = stablehlo.reshape %block1_1_x_at1_3 : (tensor<12x3x1x3xf32>) -> tensor<12x3x3xf32>
    %block1_1_x_one_9 = stablehlo.reshape %block1_1_x_see0_3 : (tensor<12x3x3xf32>) -> tensor<1x12x3x3xf32>
    %block1_1_x_sum_3 = stablehlo.add %block1_1_x_see0_3, %block1_1_x_see1_3 : tensor<12x3x3xf32>
    %block1_1_x_one_10 = stablehlo.reshape %block1_1_x_sum_3 : (tensor<12x3x3xf32>) -> tensor<1x12x3x3xf32>
    %block1_1_x_difference_7 = stablehlo.subtract %block1_1_x_see0_3, %block1_1_x_see1_3 : tensor<12x3x3xf32>
    %block1_1_x_one_11 = stablehlo.reshape %block1_1_x_difference_7 : (tensor<12x3x3xf32>) -> tensor<1x12x3x3xf32>
    %block1_1_x_one_12 = stablehlo.reshape %block1_1_x_see1_3 : (tensor<12x3x3xf32>) -> tensor<1x12x3x3xf32>
    %block1_1_x_mixed_5 = stablehlo.concatenate %block1_1_x_one_9, %block1_1_x_one_10, %block1_1_x_one_11, %block1_1_x_one_12, dim = 0 : (tensor<1x12x3x3xf32>, tensor<1x12x3x3xf32>, tensor<1x12x3x3xf32>, tensor<1x12x3x3xf32>) -> tensor<4x12x3x3xf32>
    %block1_1_x_pairs_4 = stablehlo.reshape %block1_1_x_mixed_5 : (tensor<4x12x3x3xf32>) -> tensor<8x3x2x9xf32>
    %block1_1_x_at0_4 = stablehlo.slice %block1_1_x_pairs_4 [0:8, 0:3, 0:1, 0:9] : (tensor<8x3x2x9xf32>) -> tensor<8x3x1x9xf32>
    %block1_1_x_see0_4 = stablehlo.reshape %block1_1_x_at0_4 : (tensor<8x3x1x9xf32>) -> tensor<8x3x9xf32>
    %block1_1_x_at1_4 = stablehlo.slice %block1_1_x_pairs_4 [0:8, 0:3, 1:2, 0:9] : (tensor<8x3x2x9xf32>) -> tensor<8x3x1x9xf32>
    %block1_1_x_see1_4 = stablehlo.reshape %block1_1_x_at1_4 : (tensor<8x3x1x9xf32>) -> tensor<8x3x9xf32>
    %block1_1_x_one_13 = stablehlo.reshape %block1_1_x_see0_4 : (tensor<8x3x9xf32>) -> tensor<1x8x3x9xf32>
    %block1_1_x_sum_4 = stablehlo.add %block1_1_x_see0_4, %block1_1_x_see1_4 : tensor<8x3x9xf32>
    %block1_1_x_one_14 = stablehlo.reshape %block1_1_x_sum_4 : (tensor<8x3x9xf32>) -> tensor<1x8x3x9xf32>
    %block1_1_x_difference_8 = stablehlo.subtract %block1_1_x_see0_4, %block1_1_x_see1_4 : tensor<8x3x9xf32>
    %block1_1_x_one_15 = stablehlo.reshape %block1_1_x_difference_8 : (tensor<8x3x9xf32>) -> tensor<1x8x3x9xf32>
    %block1_1_x_one_16 = stablehlo.reshape %block1_1_x_see1_4 : (tensor<8x3x9xf32>) -> tensor<1x8x3x9xf32>
    %block1_1_x_mixed_6 = stablehlo.concatenate %block1_1_x_one_13, %block1_1_x_one_14, %block1_1_x_one_15, %block1_1_x_one_16, dim = 0 : (tensor<1x8x3x9xf32>, tensor<1x8x3x9xf32>, tensor<1x8x3x9xf32>, tensor<1x8x3x9xf32>) -> tensor<4x8x3x9xf32>
    %block1_1_x_tiles_2 = stablehlo.reshape %block1_1_x_mixed_6 : (tensor<4x8x3x9xf32>) -> tensor<16x18x3xf32>
    %block1_1_x_dweight = stablehlo.dot_general %block1_1_x_tiles, %block1_1_x_tiles_2, batching_dims = [0] x [0], contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<16x18x2xf32>, tensor<16x18x3xf32>) -> tensor<16x2x3xf32>
    %block1_1_x_flat_3 = stablehlo.reshape %block1_1_x_dweight : (tensor<16x2x3xf32>) -> tensor<16x6xf32>
    %block1_1_x_matrix_3 = stablehlo.reshape %c_winograd_3 : (tensor<144xf32>) -> tensor<9x16xf32>
    %block1_1_x_mixed_7 = stablehlo.dot_general %block1_1_x_matrix_3, %block1_1_x_flat_3, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<9x16xf32>, tensor<16x6xf32>) -> tensor<9x6xf32>
    %block1_1_x_dweight_2 = stablehlo.reshape %block1_1_x_mixed_7 : (tensor<9x6xf32>) -> tensor<3x3x2x3xf32>
    %block1_1_x_reversed = stablehlo.reverse %weight, dims = [0, 1] : tensor<3x3x2x3xf32>
    %block1_1_x_turned = stablehlo.transpose %block1_1_x_reversed, dims = [0, 1, 3, 2] : (tensor<3x3x2x3xf32>) -> tensor<3x3x3x2xf32>
    %block1_1_x_pad_3 = stablehlo.pad %dy, %c_0, low = [0, 1, 1, 0], high = [0, 2, 1, 0], interior = [0, 0, 0, 0] : (tensor<2x5x6x3xf32>, tensor<f32>) -> tensor<2x8x8x3xf32>
    %block1_1_x_pairs_5 = stablehlo.reshape %block1_1_x_pad_3 : (tensor<2x8x8x3xf32>) -> tensor<16x4x2x3xf32>
    %block1_1_x_at0_5 = stablehlo.slice %block1_1_x_pairs_5 [0:16, 0:3, 0:1, 0:3] : (tensor<16x4x2x3xf32>) -> tensor<16x3x1x3xf32>
    %block1_1_x_see0_5 = stablehlo.reshape %block1_1_x_at0_5 : (tensor<16x3x1x3xf32>) -> tensor<16x3x3xf32>
    %block1_1_x_at1_5 = stablehlo.slice %block1_1_x_pairs_5 [0:16, 0:3, 1:2, 0:3] : (tensor<16x4x2x3xf32>) -> tensor<16x3x1x3xf32>
    %block1_1_x_see1_5 = stablehlo.reshape %block1_1_x_at1_5 : (tensor<16x3x1x3xf32>) -> tensor<16x3x3xf32>
    %block1_1_x_at2_3 = stablehlo.slice %block1_1_x_pairs_5 [0:16, 1:4, 0:1, 0:3] : (tensor<16x4x2x3xf32>) -> tensor<16x3x1x3xf32>
    %block1_1_x_see2_3 = stablehlo.reshape %block1_1_x_at2_3 : (tensor<16x3x1x3xf32>) -> tensor<16x3x3xf32>
    %block1_1_x_at3_3 = stablehlo.slice %block1_1_x_pairs_5 [0:16, 1:4, 1:2, 0:3] : (tensor<16x4x2x3xf32>) -> tensor<16x3x1x3xf32>
    %block1_1_x_see3_3 = stablehlo.reshape %block1_1_x_at3_3 : (tensor<16x3x1x3xf32>) -> tensor<16x3x3xf32>
    %block1_1_x_difference_9 = stablehlo.subtract %block1_1_x_see0_5, %block1_1_x_see2_3 : tensor<16x3x3xf32>
    %block1_1_x_one_17 = stablehlo.reshape %block1_1_x_difference_9 : (tensor<16x3x3xf32>) -> tensor<1x16x3x3xf32>
    %block1_1_x_sum_5 = stablehlo.add %block1_1_x_see1_5, %block1_1_x_see2_3 : tensor<16x3x3xf32>
    %block1_1_x_one_18 = stablehlo.reshape %block1_1_x_sum_5 : (tensor<16x3x3xf32>) -> tensor<1x16x3x3xf32>
    %block1_1_x_difference_10 = stablehlo.subtract %block1_1_x_see2_3, %block1_1_x_see1_5 : tensor<16x3x3xf32>
    %block1_1_x_one_19 = stablehlo.reshape %block1_1_x_difference_10 : (tensor<16x3x3xf32>) -> tensor<1x16x3x3xf32>
    %block1_1_x_difference_11 = stablehlo.subtract %block1_1_x_see3_3, %block1_1_x_see1_5 : tensor<16x3x3xf32>
    %block1_1_x_one_20 = stablehlo.reshape %block1_1_x_difference_11 : (tensor<16x3x3xf32>) -> tensor<1x16x3x3xf32>
    %block1_1_x_mixed_8 = stablehlo.concatenate %block1_1_x_one_17, %block1_1_x_one_18, %block1_1_x_one_19, %block1_1_x_one_20, dim = 0 : (tensor<1x16x3x3xf32>, tensor<1x16x3x3xf32>, tensor<1x16x3x3xf32>, tensor<1x16x3x3xf32>) -> tensor<4x16x3x3xf32>
    %block1_1_x_pairs_6 = stablehlo.reshape %block1_1_x_mixed_8 : (tensor<4x16x3x3xf32>) -> tensor<8x4x2x9xf32>
    %block1_1_x_at0_6 = stablehlo.slice %block1_1_x_pairs_6 [0:8, 0:3, 0:1, 0:9] : (tensor<8x4x2x9xf32>) -> tensor<8x3x1x9xf32>
    %block1_1_x_see0_6 = stablehlo.reshape %block1_1_x_at0_6 : (tensor<8x3x1x9xf32>) -> tensor<8x3x9xf32>
    %block1_1_x_at1_6 = stablehlo.slice %block1_1_x_pairs_6 [0:8, 0:3, 1:2, 0:9] : (tensor<8x4x2x9xf32>) -> tensor<8x3x1x9xf32>
    %block1_1_x_see1_6 = stablehlo.reshape %block1_1_x_at1_6 : (tensor<8x3x1x9xf32>) -> tensor<8x3x9xf32>
    %block1_1_x_at2_4 = stablehlo.slice %block1_1_x_pairs_6 [0:8, 1:4, 0:1, 0:9] : (tensor<8x4x2x9xf32>) -> tensor<8x3x1x9xf32>
    %block1_1_x_see2_4 = stablehlo.reshape %block1_1_x_at2_4 : (tensor<8x3x1x9xf32>) -> tensor<8x3x9xf32>
    %block1_1_x_at3_4 = stablehlo.slice %block1_1_x_pairs_6 [0:8, 1:4, 1:2, 0:9] : (tensor<8x4x2x9xf32>) -> tensor<8x3x1x9xf32>
    %block1_1_x_see3_4 = stablehlo.reshape %block1_1_x_at3_4 : (tensor<8x3x1x9xf32>) -> tensor<8x3x9xf32>
    %block1_1_x_difference_12 = stablehlo.subtract %block1_1_x_see0_6, %block1_1_x_see2_4 : tensor<8x3x9xf32>
    %block1_1_x_one_21 = stablehlo.reshape %block1_1_x_difference_12 : (tensor<8x3x9xf32>) -> tensor<1x8x3x9xf32>
    %block1_1_x_sum_6 = stablehlo.add %block1_1_x_see1_6, %block1_1_x_see2_4 : tensor<8x3x9xf32>
    %block1_1_x_one_22 = stablehlo.reshape %block1_1_x_sum_6 : (tensor<8x3x9xf32>) -> tensor<1x8x3x9xf32>
    %block1_1_x_difference_13 = stablehlo.subtract %block1_1_x_see2_4, %block1_1_x_see1_6 : tensor<8x3x9xf32>
    %block1_1_x_one_23 = stablehlo.reshape %block1_1_x_difference_13 : (tensor<8x3x9xf32>) -> tensor<1x8x3x9xf32>
    %block1_1_x_difference_14 = stablehlo.subtract %block1_1_x_see3_4, %block1_1_x_see1_6 : tensor<8x3x9xf32>
    %block1_1_x_one_24 = stablehlo.reshape %block1_1_x_difference_14 : (tensor<8x3x9xf32>) -> tensor<1x8x3x9xf32>
    %block1_1_x_mixed_9 = stablehlo.concatenate %block1_1_x_one_21, %block1_1_x_one_22, %block1_1_x_one_23, %block1_1_x_one_24, dim = 0 : (tensor<1x8x3x9xf32>, tensor<1x8x3x9xf32>, tensor<1x8x3x9xf32>, tensor<1x8x3x9xf32>) -> tensor<4x8x3x9xf32>
    %block1_1_x_tiles_3 = stablehlo.reshape %block1_1_x_mixed_9 : (tensor<4x8x3x9xf32>) -> tensor<16x18x3xf32>
    %block1_1_x_flat_4 = stablehlo.reshape %block1_1_x_turned : (tensor<3x3x3x2xf32>) -> tensor<9x6xf32>
    %block1_1_x_matrix_4 = stablehlo.reshape %c_winograd : (tensor<144xf32>) -> tensor<16x9xf32>
    %block1_1_x_mixed_10 = stablehlo.dot_general %block1_1_x_matrix_4, %block1_1_x_flat_4, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<16x9xf32>, tensor<9x6xf32>) -> tensor<16x6xf32>
    %block1_1_x_places_2 = stablehlo.reshape %block1_1_x_mixed_10 : (tensor<16x6xf32>) -> tensor<16x3x2xf32>
    %block1_1_x_dx = stablehlo.dot_general %block1_1_x_tiles_3, %block1_1_x_places_2, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<16x18x3xf32>, tensor<16x3x2xf32>) -> tensor<16x18x2xf32>
    %block1_1_x_flat_5 = stablehlo.reshape %block1_1_x_dx : (tensor<16x18x2xf32>) -> tensor<16x36xf32>
    %block1_1_x_matrix_5 = stablehlo.reshape %c_winograd_2 : (tensor<64xf32>) -> tensor<4x16xf32>
    %block1_1_x_mixed_11 = stablehlo.dot_general %block1_1_x_matrix_5, %block1_1_x_flat_5, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16xf32>, tensor<16x36xf32>) -> tensor<4x36xf32>
    %block1_1_x_four_2 = stablehlo.reshape %block1_1_x_mixed_11 : (tensor<4x36xf32>) -> tensor<2x2x2x3x3x2xf32>
    %block1_1_x_whole_3 = stablehlo.transpose %block1_1_x_four_2, dims = [2, 3, 0, 4, 1, 5] : (tensor<2x2x2x3x3x2xf32>) -> tensor<2x3x2x3x2x2xf32>
    %block1_1_x_whole_4 = stablehlo.reshape %block1_1_x_whole_3 : (tensor<2x3x2x3x2x2xf32>) -> tensor<2x6x6x2xf32>
    %block1_1_x_dx_2 = stablehlo.slice %block1_1_x_whole_4 [0:2, 0:5, 0:6, 0:2] : (tensor<2x6x6x2xf32>) -> tensor<2x5x6x2xf32>
    return %block1_1_x_conv_2, %block1_1_x_dx_2, %block1_1_x_dweight_2 : tensor<2x5x6x3xf32>, tensor<2x5x6x2xf32>, tensor<3x3x2x3xf32>
  }
}
