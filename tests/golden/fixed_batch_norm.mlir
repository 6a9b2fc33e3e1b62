// FixedBatchNorm(channels=2, epsilon=1e-05, momentum=0.1)
module @fixed_batch_norm {
  func.func public @main(
      %x: tensor<2x3x4x2xf32>,
      %gamma: tensor<2xf32>,
      %beta: tensor<2xf32>,
      %running_mean: tensor<2xf32>,
      %running_variance: tensor<2xf32>,
      %dy: tensor<2x3x4x2xf32>
  ) -> (
      tensor<2x3x4x2xf32>,
      tensor<2x3x4x2xf32>,
      tensor<2xf32>,
      tensor<2xf32>
  ) {
    %c_1em05 = stablehlo.constant dense<1.0e-05> : tensor<2xf32>
    %c_0 = stablehlo.constant dense<0.0> : tensor<2x3x4x2xf32>
    %c_0_2 = stablehlo.constant dense<0.0> : tensor<f32>
    %block1_1_x_above_zero = stablehlo.add %running_variance, %c_1em05 : tensor<2xf32>
    %block1_1_x_inverse = stablehlo.rsqrt %block1_1_x_above_zero : tensor<2xf32>
    %block1_1_x_scale = stablehlo.multiply %gamma, %block1_1_x_inverse : tensor<2xf32>
    %block1_1_x_mean_scaled = stablehlo.multiply %running_mean, %block1_1_x_scale : tensor<2xf32>
    %block1_1_x_shift = stablehlo.subtract %beta, %block1_1_x_mean_scaled : tensor<2xf32>
    %block1_1_x_each = stablehlo.broadcast_in_dim %block1_1_x_scale, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_scaled = stablehlo.multiply %x, %block1_1_x_each : tensor<2x3x4x2xf32>
    %block1_1_x_each_2 = stablehlo.broadcast_in_dim %block1_1_x_shift, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_normalised = stablehlo.add %block1_1_x_scaled, %block1_1_x_each_2 : tensor<2x3x4x2xf32>
    %block1_1_x_each_3 = stablehlo.broadcast_in_dim %running_mean, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_centred_turned = stablehlo.subtract %block1_1_x_each_3, %x : tensor<2x3x4x2xf32>
    %block1_1_x_weighted = stablehlo.multiply %dy, %block1_1_x_centred_turned : tensor<2x3x4x2xf32>
    %block1_1_x_weighted_2 = stablehlo.subtract %c_0, %block1_1_x_weighted : tensor<2x3x4x2xf32>
    %block1_1_x_dsum, %block1_1_x_dsum_2 = stablehlo.reduce(%dy init: %c_0_2), (%block1_1_x_weighted_2 init: %c_0_2) across dimensions = [0, 1, 2] : (tensor<2x3x4x2xf32>, tensor<2x3x4x2xf32>, tensor<f32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>)
     reducer(%left0: tensor<f32>, %right0: tensor<f32>) (%left1: tensor<f32>, %right1: tensor<f32>) {
      %both0 = stablehlo.add %left0, %right0 : tensor<f32>
      %both1 = stablehlo.add %left1, %right1 : tensor<f32>
      stablehlo.return %both0, %both1 : tensor<f32>, tensor<f32>
    }
    %block1_1_x_dgamma = stablehlo.multiply %block1_1_x_dsum_2, %block1_1_x_inverse : tensor<2xf32>
    %block1_1_x_scale_2 = stablehlo.multiply %gamma, %block1_1_x_inverse : tensor<2xf32>
    %block1_1_x_each_4 = stablehlo.broadcast_in_dim %block1_1_x_scale_2, dims = [3] : (tensor<2xf32>) -> tensor<2x3x4x2xf32>
    %block1_1_x_dx = stablehlo.multiply %dy, %block1_1_x_each_4 : tensor<2x3x4x2xf32>
    return %block1_1_x_normalised, %block1_1_x_dx, %block1_1_x_dgamma, %block1_1_x_dsum : tensor<2x3x4x2xf32>, tensor<2x3x4x2xf32>, tensor<2xf32>, tensor<2xf32>
  }
}
