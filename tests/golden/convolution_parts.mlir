// Convolution(ic=2, oc=6, window=Window(size=1, stride=1, padding='same', dilation=1), bias=False, groups=1)
module @convolution {
  func.func public @main(
      %x: tensor<2x3x4x2xf32>,
      %weight: tensor<1x1x2x6xf32>,
      %dy: tensor<2x3x4x6xf32>
  ) -> (
      tensor<2x3x4x6xf32>,
      tensor<2x3x4x2xf32>,
      tensor<1x1x2x6xf32>
  ) {
    %c_scale = stablehlo.constant dense<[0.75, 1.0, 1.25, 1.5, 1.75, 2.0]> : tensor<6xf32>
    %c_slope = stablehlo.constant dense<[-0.75, -1.0, -1.25, -1.5, -1.75, -2.0]> : tensor<6xf32>
    %c_shift = stablehlo.constant dense<[1.5, 2.0, 2.5, 3.0, 3.5, 4.0]> : tensor<6xf32>
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_conv = stablehlo.convolution(%x, %weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x4x2xf32>, tensor<1x1x2x6xf32>) -> tensor<2x3x4x6xf32>
    %block1_1_x_each = stablehlo.broadcast_in_dim %c_slope, dims = [3] : (tensor<6xf32>) -> tensor<2x3x4x6xf32>
    %block1_1_x_product = stablehlo.multiply %block1_1_x_conv, %block1_1_x_each : tensor<2x3x4x6xf32>
    %block1_1_x_difference = stablehlo.subtract %dy, %block1_1_x_product : tensor<2x3x4x6xf32>
    %block1_1_x_each_2 = stablehlo.broadcast_in_dim %c_shift, dims = [3] : (tensor<6xf32>) -> tensor<2x3x4x6xf32>
    %block1_1_x_difference_2 = stablehlo.subtract %block1_1_x_difference, %block1_1_x_each_2 : tensor<2x3x4x6xf32>
    %block1_1_x_each_3 = stablehlo.broadcast_in_dim %c_scale, dims = [3] : (tensor<6xf32>) -> tensor<2x3x4x6xf32>
    %block1_1_x_quotient = stablehlo.divide %block1_1_x_difference_2, %block1_1_x_each_3 : tensor<2x3x4x6xf32>
    %block1_1_x_kernel = stablehlo.reshape %weight : (tensor<1x1x2x6xf32>) -> tensor<2x6xf32>
    %block1_1_x_each_4 = stablehlo.broadcast_in_dim %c_scale, dims = [1] : (tensor<6xf32>) -> tensor<2x6xf32>
    %block1_1_x_each_5 = stablehlo.broadcast_in_dim %c_slope, dims = [1] : (tensor<6xf32>) -> tensor<2x6xf32>
    %block1_1_x_each_6 = stablehlo.broadcast_in_dim %c_shift, dims = [1] : (tensor<6xf32>) -> tensor<2x6xf32>
    %block1_1_x_sloped = stablehlo.multiply %block1_1_x_kernel, %block1_1_x_each_5 : tensor<2x6xf32>
    %block1_1_x_rows = stablehlo.reshape %x : (tensor<2x3x4x2xf32>) -> tensor<24x2xf32>
    %block1_1_x_rows_2 = stablehlo.reshape %block1_1_x_quotient : (tensor<2x3x4x6xf32>) -> tensor<24x6xf32>
    %block1_1_x_dweight_direct = stablehlo.dot_general %block1_1_x_rows, %block1_1_x_rows_2, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<24x2xf32>, tensor<24x6xf32>) -> tensor<2x6xf32>
    %block1_1_x_squares = stablehlo.dot_general %block1_1_x_rows, %block1_1_x_rows, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<24x2xf32>, tensor<24x2xf32>) -> tensor<2x2xf32>
    %block1_1_x_total_image = stablehlo.reduce(%x init: %c_0) applies stablehlo.add across dimensions = [1, 2] : (tensor<2x3x4x2xf32>, tensor<f32>) -> tensor<2x2xf32>
    %block1_1_x_total = stablehlo.reduce(%block1_1_x_total_image init: %c_0) applies stablehlo.add across dimensions = [0] : (tensor<2x2xf32>, tensor<f32>) -> tensor<2xf32>
    %block1_1_x_product_2 = stablehlo.multiply %block1_1_x_dweight_direct, %block1_1_x_each_4 : tensor<2x6xf32>
    %block1_1_x_dweight_through = stablehlo.dot_general %block1_1_x_squares, %block1_1_x_sloped, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x2xf32>, tensor<2x6xf32>) -> tensor<2x6xf32>
    %block1_1_x_sum = stablehlo.add %block1_1_x_product_2, %block1_1_x_dweight_through : tensor<2x6xf32>
    %block1_1_x_each_7 = stablehlo.broadcast_in_dim %block1_1_x_total, dims = [0] : (tensor<2xf32>) -> tensor<2x6xf32>
    %block1_1_x_product_3 = stablehlo.multiply %block1_1_x_each_7, %block1_1_x_each_6 : tensor<2x6xf32>
    %block1_1_x_sum_2 = stablehlo.add %block1_1_x_sum, %block1_1_x_product_3 : tensor<2x6xf32>
    %block1_1_x_dweight = stablehlo.reshape %block1_1_x_sum_2 : (tensor<2x6xf32>) -> tensor<1x1x2x6xf32>
    %block1_1_x_product_4 = stablehlo.multiply %block1_1_x_kernel, %block1_1_x_each_4 : tensor<2x6xf32>
    %block1_1_x_scaled = stablehlo.reshape %block1_1_x_product_4 : (tensor<2x6xf32>) -> tensor<1x1x2x6xf32>
    %block1_1_x_dx = stablehlo.convolution(%block1_1_x_quotient, %block1_1_x_scaled) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x4x6xf32>, tensor<1x1x2x6xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_mixed = stablehlo.dot_general %block1_1_x_kernel, %block1_1_x_sloped, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<2x6xf32>, tensor<2x6xf32>) -> tensor<2x2xf32>
    %block1_1_x_mixed_2 = stablehlo.reshape %block1_1_x_mixed : (tensor<2x2xf32>) -> tensor<1x1x2x2xf32>
    %block1_1_x_dx_through = stablehlo.convolution(%x, %block1_1_x_mixed_2) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x4x2xf32>, tensor<1x1x2x2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_sum_3 = stablehlo.add %block1_1_x_dx, %block1_1_x_dx_through : tensor<2x3x4x2xf32>
    %block1_1_x_dot = stablehlo.dot_general %block1_1_x_kernel, %c_shift, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x6xf32>, tensor<6xf32>) -> tensor<2xf32>
    %block1_1_x_each_8 = stablehlo.broadcast_in_dim %block1_1_x_dot, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_dx_2 = stablehlo.add %block1_1_x_sum_3, %block1_1_x_each_8 : tensor<2x3x4x2xf32>
    return %block1_1_x_conv, %block1_1_x_dx_2, %block1_1_x_dweight : tensor<2x3x4x6xf32>, tensor<2x3x4x2xf32>, tensor<1x1x2x6xf32>
  }
}
