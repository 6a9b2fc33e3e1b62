// BatchNorm(channels=2, epsilon=1e-05, momentum=0.1)
module @batch_norm {
  func.func public @main(
      %x: tensor<2x3x4x2xf32>,
      %gamma: tensor<2xf32>,
      %beta: tensor<2xf32>,
      %running_mean: tensor<2xf32>,
      %running_variance: tensor<2xf32>,
      %dy: tensor<2x3x4x2xf32>
  ) -> (
      tensor<2x3x4x2xf32>,
      tensor<2xf32>,
      tensor<2xf32>,
      tensor<2x3x4x2xf32>,
      tensor<2xf32>,
      tensor<2xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %c_12 = stablehlo.constant dense<12.0> : tensor<2xf32>
    %c_0_2 = stablehlo.constant dense<0.0> : tensor<2x3x4x2xf32>
    %c_24 = stablehlo.constant dense<24.0> : tensor<2xf32>
    %c_1p04348 = stablehlo.constant dense<1.0434782608695652> : tensor<2xf32>
    %c_1em05 = stablehlo.constant dense<1.0e-05> : tensor<2xf32>
    %c_0p9 = stablehlo.constant dense<0.9> : tensor<2xf32>
    %c_0p1 = stablehlo.constant dense<0.1> : tensor<2xf32>
    %c_m24 = stablehlo.constant dense<-24.0> : tensor<2xf32>
    %block1_1_x_first = stablehlo.slice %x [0:1, 0:3, 0:4, 0:2] : (tensor<2x3x4x2xf32>) -> tensor<1x3x4x2xf32>
    %block1_1_x_first_sum = stablehlo.reduce(%block1_1_x_first init: %c_0) applies stablehlo.add across dimensions = [1, 2] : (tensor<1x3x4x2xf32>, tensor<f32>) -> tensor<1x2xf32>
    %block1_1_x_first_sum_2 = stablehlo.reshape %block1_1_x_first_sum : (tensor<1x2xf32>) -> tensor<2xf32>
    %block1_1_x_near = stablehlo.divide %block1_1_x_first_sum_2, %c_12 : tensor<2xf32>
    %block1_1_x_each = stablehlo.broadcast_in_dim %block1_1_x_near, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_apart = stablehlo.subtract %x, %block1_1_x_each : tensor<2x3x4x2xf32>
    %block1_1_x_each_2 = stablehlo.broadcast_in_dim %block1_1_x_near, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_apart_turned = stablehlo.subtract %block1_1_x_each_2, %x : tensor<2x3x4x2xf32>
    %block1_1_x_square = stablehlo.multiply %block1_1_x_apart, %block1_1_x_apart_turned : tensor<2x3x4x2xf32>
    %block1_1_x_square_2 = stablehlo.subtract %c_0_2, %block1_1_x_square : tensor<2x3x4x2xf32>
    %block1_1_x_sum, %block1_1_x_sum_2 = stablehlo.reduce(%block1_1_x_apart init: %c_0), (%block1_1_x_square_2 init: %c_0) across dimensions = [0, 1, 2] : (tensor<2x3x4x2xf32>, tensor<2x3x4x2xf32>, tensor<f32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>)
     reducer(%left0: tensor<f32>, %right0: tensor<f32>) (%left1: tensor<f32>, %right1: tensor<f32>) {
      %both0 = stablehlo.add %left0, %right0 : tensor<f32>
      %both1 = stablehlo.add %left1, %right1 : tensor<f32>
      stablehlo.return %both0, %both1 : tensor<f32>, tensor<f32>
    }
    %block1_1_x_further = stablehlo.divide %block1_1_x_sum, %c_24 : tensor<2xf32>
    %block1_1_x_mean = stablehlo.add %block1_1_x_near, %block1_1_x_further : tensor<2xf32>
    %block1_1_x_mean_square = stablehlo.divide %block1_1_x_sum_2, %c_24 : tensor<2xf32>
    %block1_1_x_product = stablehlo.multiply %block1_1_x_further, %block1_1_x_further : tensor<2xf32>
    %block1_1_x_variance = stablehlo.subtract %block1_1_x_mean_square, %block1_1_x_product : tensor<2xf32>
    %block1_1_x_unbiased = stablehlo.multiply %block1_1_x_variance, %c_1p04348 : tensor<2xf32>
    %block1_1_x_above_zero = stablehlo.add %block1_1_x_variance, %c_1em05 : tensor<2xf32>
    %block1_1_x_inverse = stablehlo.rsqrt %block1_1_x_above_zero : tensor<2xf32>
    %block1_1_x_scale = stablehlo.multiply %gamma, %block1_1_x_inverse : tensor<2xf32>
    %block1_1_x_mean_scaled = stablehlo.multiply %block1_1_x_mean, %block1_1_x_scale : tensor<2xf32>
    %block1_1_x_shift = stablehlo.subtract %beta, %block1_1_x_mean_scaled : tensor<2xf32>
    %block1_1_x_each_3 = stablehlo.broadcast_in_dim %block1_1_x_scale, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_scaled = stablehlo.multiply %x, %block1_1_x_each_3 : tensor<2x3x4x2xf32>
    %block1_1_x_each_4 = stablehlo.broadcast_in_dim %block1_1_x_shift, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_normalised = stablehlo.add %block1_1_x_scaled, %block1_1_x_each_4 : tensor<2x3x4x2xf32>
    %block1_1_x_running_kept = stablehlo.multiply %running_mean, %c_0p9 : tensor<2xf32>
    %block1_1_x_running_fresh = stablehlo.multiply %block1_1_x_mean, %c_0p1 : tensor<2xf32>
    %block1_1_x_running_new = stablehlo.add %block1_1_x_running_kept, %block1_1_x_running_fresh : tensor<2xf32>
    %block1_1_x_running_kept_2 = stablehlo.multiply %running_variance, %c_0p9 : tensor<2xf32>
    %block1_1_x_running_fresh_2 = stablehlo.multiply %block1_1_x_unbiased, %c_0p1 : tensor<2xf32>
    %block1_1_x_running_new_2 = stablehlo.add %block1_1_x_running_kept_2, %block1_1_x_running_fresh_2 : tensor<2xf32>
    %block1_1_x_each_5 = stablehlo.broadcast_in_dim %block1_1_x_mean, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_centred_turned = stablehlo.subtract %block1_1_x_each_5, %x : tensor<2x3x4x2xf32>
    %block1_1_x_weighted = stablehlo.multiply %dy, %block1_1_x_centred_turned : tensor<2x3x4x2xf32>
    %block1_1_x_weighted_2 = stablehlo.subtract %c_0_2, %block1_1_x_weighted : tensor<2x3x4x2xf32>
    %block1_1_x_dsum, %block1_1_x_dsum_2 = stablehlo.reduce(%dy init: %c_0), (%block1_1_x_weighted_2 init: %c_0) across dimensions = [0, 1, 2] : (tensor<2x3x4x2xf32>, tensor<2x3x4x2xf32>, tensor<f32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>)
     reducer(%left0: tensor<f32>, %right0: tensor<f32>) (%left1: tensor<f32>, %right1: tensor<f32>) {
      %both0 = stablehlo.add %left0, %right0 : tensor<f32>
      %both1 = stablehlo.add %left1, %right1 : tensor<f32>
      stablehlo.return %both0, %both1 : tensor<f32>, tensor<f32>
    }
    %block1_1_x_dgamma = stablehlo.multiply %block1_1_x_dsum_2, %block1_1_x_inverse : tensor<2xf32>
    %block1_1_x_scale_2 = stablehlo.multiply %gamma, %block1_1_x_inverse : tensor<2xf32>
    %block1_1_x_product_2 = stablehlo.multiply %block1_1_x_dgamma, %block1_1_x_inverse : tensor<2xf32>
    %block1_1_x_product_3 = stablehlo.multiply %block1_1_x_product_2, %block1_1_x_scale_2 : tensor<2xf32>
    %block1_1_x_dslope = stablehlo.divide %block1_1_x_product_3, %c_m24 : tensor<2xf32>
    %block1_1_x_product_4 = stablehlo.multiply %block1_1_x_dsum, %block1_1_x_scale_2 : tensor<2xf32>
    %block1_1_x_dlevel = stablehlo.divide %block1_1_x_product_4, %c_m24 : tensor<2xf32>
    %block1_1_x_product_5 = stablehlo.multiply %block1_1_x_dslope, %block1_1_x_mean : tensor<2xf32>
    %block1_1_x_dshift = stablehlo.subtract %block1_1_x_dlevel, %block1_1_x_product_5 : tensor<2xf32>
    %block1_1_x_each_6 = stablehlo.broadcast_in_dim %block1_1_x_scale_2, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_each_7 = stablehlo.broadcast_in_dim %block1_1_x_dslope, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_each_8 = stablehlo.broadcast_in_dim %block1_1_x_dshift, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_direct = stablehlo.multiply %dy, %block1_1_x_each_6 : tensor<2x3x4x2xf32>
    %block1_1_x_through = stablehlo.multiply %x, %block1_1_x_each_7 : tensor<2x3x4x2xf32>
    %block1_1_x_sum_3 = stablehlo.add %block1_1_x_direct, %block1_1_x_through : tensor<2x3x4x2xf32>
    %block1_1_x_dx = stablehlo.add %block1_1_x_sum_3, %block1_1_x_each_8 : tensor<2x3x4x2xf32>
    return %block1_1_x_normalised, %block1_1_x_running_new, %block1_1_x_running_new_2, %block1_1_x_dx, %block1_1_x_dgamma, %block1_1_x_dsum : tensor<2x3x4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2x3x4x2xf32>, tensor<2xf32>, tensor<2xf32>
  }
}
