// Tiny: Evaluation with running statistics.
// Batch 32, images 32×32, 10 classes. Arguments and results in order: see evaluate.json.
module @tiny_evaluate {
  func.func public @evaluate(
      %images: tensor<32x32x32x3xui8>,
      %labels: tensor<32xi32>,
      %stem_weight: tensor<3x3x3x16xf32>,
      %stem_bn_gamma: tensor<16xf32>,
      %stem_bn_beta: tensor<16xf32>,
      %block1_1_expand_weight: tensor<1x1x16x32xf32>,
      %block1_1_expand_bn_gamma: tensor<32xf32>,
      %block1_1_expand_bn_beta: tensor<32xf32>,
      %block1_1_dw_weight: tensor<3x3x1x32xf32>,
      %block1_1_dw_bn_gamma: tensor<32xf32>,
      %block1_1_dw_bn_beta: tensor<32xf32>,
      %block1_1_project_weight: tensor<1x1x32x24xf32>,
      %block1_1_project_bn_gamma: tensor<24xf32>,
      %block1_1_project_bn_beta: tensor<24xf32>,
      %block1_2_expand_weight: tensor<1x1x24x48xf32>,
      %block1_2_expand_bn_gamma: tensor<48xf32>,
      %block1_2_expand_bn_beta: tensor<48xf32>,
      %block1_2_dw_weight: tensor<3x3x1x48xf32>,
      %block1_2_dw_bn_gamma: tensor<48xf32>,
      %block1_2_dw_bn_beta: tensor<48xf32>,
      %block1_2_project_weight: tensor<1x1x48x24xf32>,
      %block1_2_project_bn_gamma: tensor<24xf32>,
      %block1_2_project_bn_beta: tensor<24xf32>,
      %head_weight: tensor<24x10xf32>,
      %head_bias: tensor<10xf32>,
      %stem_bn_running_mean: tensor<16xf32>,
      %stem_bn_running_variance: tensor<16xf32>,
      %block1_1_expand_bn_running_mean: tensor<32xf32>,
      %block1_1_expand_bn_running_variance: tensor<32xf32>,
      %block1_1_dw_bn_running_mean: tensor<32xf32>,
      %block1_1_dw_bn_running_variance: tensor<32xf32>,
      %block1_1_project_bn_running_mean: tensor<24xf32>,
      %block1_1_project_bn_running_variance: tensor<24xf32>,
      %block1_2_expand_bn_running_mean: tensor<48xf32>,
      %block1_2_expand_bn_running_variance: tensor<48xf32>,
      %block1_2_dw_bn_running_mean: tensor<48xf32>,
      %block1_2_dw_bn_running_variance: tensor<48xf32>,
      %block1_2_project_bn_running_mean: tensor<24xf32>,
      %block1_2_project_bn_running_variance: tensor<24xf32>
  ) -> (
      tensor<f32>,
      tensor<i32>,
      tensor<32x10xf32>
  ) {
    %c_scale = stablehlo.constant dense<[0.01712475383166367, 0.01750700280112045, 0.017429193899782137]> : tensor<3xf32>
    %c_shift = stablehlo.constant dense<[-2.1179039301310043, -2.0357142857142856, -1.8044444444444445]> : tensor<3xf32>
    %c_1em05 = stablehlo.constant dense<1.0e-05> : tensor<16xf32>
    %c_0 = stablehlo.constant dense<0.0> : tensor<32x16x16x16xf32>
    %c_6 = stablehlo.constant dense<6.0> : tensor<32x16x16x16xf32>
    %c_1em05_2 = stablehlo.constant dense<1.0e-05> : tensor<32xf32>
    %c_0_2 = stablehlo.constant dense<0.0> : tensor<32x16x16x32xf32>
    %c_6_2 = stablehlo.constant dense<6.0> : tensor<32x16x16x32xf32>
    %c_0_3 = stablehlo.constant dense<0.0> : tensor<f32>
    %c_0_4 = stablehlo.constant dense<0.0> : tensor<32x8x8x32xf32>
    %c_6_3 = stablehlo.constant dense<6.0> : tensor<32x8x8x32xf32>
    %c_1em05_3 = stablehlo.constant dense<1.0e-05> : tensor<24xf32>
    %c_1em05_4 = stablehlo.constant dense<1.0e-05> : tensor<48xf32>
    %c_0_5 = stablehlo.constant dense<0.0> : tensor<32x8x8x48xf32>
    %c_6_4 = stablehlo.constant dense<6.0> : tensor<32x8x8x48xf32>
    %c_64 = stablehlo.constant dense<64.0> : tensor<32x24xf32>
    %c_minus_inf = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %c_0_6 = stablehlo.constant dense<0.0> : tensor<32x10xf32>
    %c_10 = stablehlo.constant dense<10> : tensor<32x10xi32>
    %c_10_2 = stablehlo.constant dense<10> : tensor<i32>
    %c_0_7 = stablehlo.constant dense<0> : tensor<i32>
    // images: from 0..255 to ImageNet's mean and deviation
    %images_real = stablehlo.convert %images : (tensor<32x32x32x3xui8>) -> tensor<32x32x32x3xf32>
    %images_each = stablehlo.broadcast_in_dim %c_scale, dims = [3] : (tensor<3xf32>) -> tensor<32x32x32x3xf32>
    %images_scaled = stablehlo.multiply %images_real, %images_each : tensor<32x32x32x3xf32>
    %images_each_2 = stablehlo.broadcast_in_dim %c_shift, dims = [3] : (tensor<3xf32>) -> tensor<32x32x32x3xf32>
    %images_normal = stablehlo.add %images_scaled, %images_each_2 : tensor<32x32x32x3xf32>
    // layer 0: convBn(3, 16, 3, 2, "same")
    %stem_conv = stablehlo.convolution(%images_normal, %stem_weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2], pad = [[0, 1], [0, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<32x32x32x3xf32>, tensor<3x3x3x16xf32>) -> tensor<32x16x16x16xf32>
    %stem_bn_above_zero = stablehlo.add %stem_bn_running_variance, %c_1em05 : tensor<16xf32>
    %stem_bn_inverse = stablehlo.rsqrt %stem_bn_above_zero : tensor<16xf32>
    %stem_bn_scale = stablehlo.multiply %stem_bn_gamma, %stem_bn_inverse : tensor<16xf32>
    %stem_bn_mean_scaled = stablehlo.multiply %stem_bn_running_mean, %stem_bn_scale : tensor<16xf32>
    %stem_bn_shift = stablehlo.subtract %stem_bn_beta, %stem_bn_mean_scaled : tensor<16xf32>
    %stem_bn_each = stablehlo.broadcast_in_dim %stem_bn_scale, dims = [3] : (tensor<16xf32>) -> tensor<32x16x16x16xf32>
    %stem_bn_scaled = stablehlo.multiply %stem_conv, %stem_bn_each : tensor<32x16x16x16xf32>
    %stem_bn_each_2 = stablehlo.broadcast_in_dim %stem_bn_shift, dims = [3] : (tensor<16xf32>) -> tensor<32x16x16x16xf32>
    %stem_bn_normalised = stablehlo.add %stem_bn_scaled, %stem_bn_each_2 : tensor<32x16x16x16xf32>
    %stem_relu6_positive_part = stablehlo.maximum %stem_bn_normalised, %c_0 : tensor<32x16x16x16xf32>
    %stem_relu6_out = stablehlo.minimum %stem_relu6_positive_part, %c_6 : tensor<32x16x16x16xf32>
    // layer 1: invertedResidual(16, 24, 2, 2, 2)
    %block1_1_expand_conv = stablehlo.convolution(%stem_relu6_out, %block1_1_expand_weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<32x16x16x16xf32>, tensor<1x1x16x32xf32>) -> tensor<32x16x16x32xf32>
    %block1_1_expand_bn_above_zero = stablehlo.add %block1_1_expand_bn_running_variance, %c_1em05_2 : tensor<32xf32>
    %block1_1_expand_bn_inverse = stablehlo.rsqrt %block1_1_expand_bn_above_zero : tensor<32xf32>
    %block1_1_expand_bn_scale = stablehlo.multiply %block1_1_expand_bn_gamma, %block1_1_expand_bn_inverse : tensor<32xf32>
    %block1_1_expand_bn_mean_scaled = stablehlo.multiply %block1_1_expand_bn_running_mean, %block1_1_expand_bn_scale : tensor<32xf32>
    %block1_1_expand_bn_shift = stablehlo.subtract %block1_1_expand_bn_beta, %block1_1_expand_bn_mean_scaled : tensor<32xf32>
    %block1_1_expand_bn_each = stablehlo.broadcast_in_dim %block1_1_expand_bn_scale, dims = [3] : (tensor<32xf32>) -> tensor<32x16x16x32xf32>
    %block1_1_expand_bn_scaled = stablehlo.multiply %block1_1_expand_conv, %block1_1_expand_bn_each : tensor<32x16x16x32xf32>
    %block1_1_expand_bn_each_2 = stablehlo.broadcast_in_dim %block1_1_expand_bn_shift, dims = [3] : (tensor<32xf32>) -> tensor<32x16x16x32xf32>
    %block1_1_expand_bn_normalised = stablehlo.add %block1_1_expand_bn_scaled, %block1_1_expand_bn_each_2 : tensor<32x16x16x32xf32>
    %block1_1_expand_relu6_positive_part = stablehlo.maximum %block1_1_expand_bn_normalised, %c_0_2 : tensor<32x16x16x32xf32>
    %block1_1_expand_relu6_out = stablehlo.minimum %block1_1_expand_relu6_positive_part, %c_6_2 : tensor<32x16x16x32xf32>
    %block1_1_dw_pad = stablehlo.pad %block1_1_expand_relu6_out, %c_0_3, low = [0, 0, 0, 0], high = [0, 2, 1, 0], interior = [0, 0, 0, 0] : (tensor<32x16x16x32xf32>, tensor<f32>) -> tensor<32x18x17x32xf32>
    %block1_1_dw_conv = stablehlo.convolution(%block1_1_dw_pad, %block1_1_dw_weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2], pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 32 : i64} : (tensor<32x18x17x32xf32>, tensor<3x3x1x32xf32>) -> tensor<32x8x8x32xf32>
    %block1_1_dw_bn_above_zero = stablehlo.add %block1_1_dw_bn_running_variance, %c_1em05_2 : tensor<32xf32>
    %block1_1_dw_bn_inverse = stablehlo.rsqrt %block1_1_dw_bn_above_zero : tensor<32xf32>
    %block1_1_dw_bn_scale = stablehlo.multiply %block1_1_dw_bn_gamma, %block1_1_dw_bn_inverse : tensor<32xf32>
    %block1_1_dw_bn_mean_scaled = stablehlo.multiply %block1_1_dw_bn_running_mean, %block1_1_dw_bn_scale : tensor<32xf32>
    %block1_1_dw_bn_shift = stablehlo.subtract %block1_1_dw_bn_beta, %block1_1_dw_bn_mean_scaled : tensor<32xf32>
    %block1_1_dw_bn_each = stablehlo.broadcast_in_dim %block1_1_dw_bn_scale, dims = [3] : (tensor<32xf32>) -> tensor<32x8x8x32xf32>
    %block1_1_dw_bn_scaled = stablehlo.multiply %block1_1_dw_conv, %block1_1_dw_bn_each : tensor<32x8x8x32xf32>
    %block1_1_dw_bn_each_2 = stablehlo.broadcast_in_dim %block1_1_dw_bn_shift, dims = [3] : (tensor<32xf32>) -> tensor<32x8x8x32xf32>
    %block1_1_dw_bn_normalised = stablehlo.add %block1_1_dw_bn_scaled, %block1_1_dw_bn_each_2 : tensor<32x8x8x32xf32>
    %block1_1_dw_relu6_positive_part = stablehlo.maximum %block1_1_dw_bn_normalised, %c_0_4 : tensor<32x8x8x32xf32>
    %block1_1_dw_relu6_out = stablehlo.minimum %block1_1_dw_relu6_positive_part, %c_6_3 : tensor<32x8x8x32xf32>
    %block1_1_project_conv = stablehlo.convolution(%block1_1_dw_relu6_out, %block1_1_project_weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<32x8x8x32xf32>, tensor<1x1x32x24xf32>) -> tensor<32x8x8x24xf32>
    %block1_1_project_bn_above_zero = stablehlo.add %block1_1_project_bn_running_variance, %c_1em05_3 : tensor<24xf32>
    %block1_1_project_bn_inverse = stablehlo.rsqrt %block1_1_project_bn_above_zero : tensor<24xf32>
    %block1_1_project_bn_scale = stablehlo.multiply %block1_1_project_bn_gamma, %block1_1_project_bn_inverse : tensor<24xf32>
    %block1_1_project_bn_mean_scaled = stablehlo.multiply %block1_1_project_bn_running_mean, %block1_1_project_bn_scale : tensor<24xf32>
    %block1_1_project_bn_shift = stablehlo.subtract %block1_1_project_bn_beta, %block1_1_project_bn_mean_scaled : tensor<24xf32>
    %block1_1_project_bn_each = stablehlo.broadcast_in_dim %block1_1_project_bn_scale, dims = [3] : (tensor<24xf32>) -> tensor<32x8x8x24xf32>
    %block1_1_project_bn_scaled = stablehlo.multiply %block1_1_project_conv, %block1_1_project_bn_each : tensor<32x8x8x24xf32>
    %block1_1_project_bn_each_2 = stablehlo.broadcast_in_dim %block1_1_project_bn_shift, dims = [3] : (tensor<24xf32>) -> tensor<32x8x8x24xf32>
    %block1_1_project_bn_normalised = stablehlo.add %block1_1_project_bn_scaled, %block1_1_project_bn_each_2 : tensor<32x8x8x24xf32>
    %block1_2_expand_conv = stablehlo.convolution(%block1_1_project_bn_normalised, %block1_2_expand_weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<32x8x8x24xf32>, tensor<1x1x24x48xf32>) -> tensor<32x8x8x48xf32>
    %block1_2_expand_bn_above_zero = stablehlo.add %block1_2_expand_bn_running_variance, %c_1em05_4 : tensor<48xf32>
    %block1_2_expand_bn_inverse = stablehlo.rsqrt %block1_2_expand_bn_above_zero : tensor<48xf32>
    %block1_2_expand_bn_scale = stablehlo.multiply %block1_2_expand_bn_gamma, %block1_2_expand_bn_inverse : tensor<48xf32>
    %block1_2_expand_bn_mean_scaled = stablehlo.multiply %block1_2_expand_bn_running_mean, %block1_2_expand_bn_scale : tensor<48xf32>
    %block1_2_expand_bn_shift = stablehlo.subtract %block1_2_expand_bn_beta, %block1_2_expand_bn_mean_scaled : tensor<48xf32>
    %block1_2_expand_bn_each = stablehlo.broadcast_in_dim %block1_2_expand_bn_scale, dims = [3] : (tensor<48xf32>) -> tensor<32x8x8x48xf32>
    %block1_2_expand_bn_scaled = stablehlo.multiply %block1_2_expand_conv, %block1_2_expand_bn_each : tensor<32x8x8x48xf32>
    %block1_2_expand_bn_each_2 = stablehlo.broadcast_in_dim %block1_2_expand_bn_shift, dims = [3] : (tensor<48xf32>) -> tensor<32x8x8x48xf32>
    %block1_2_expand_bn_normalised = stablehlo.add %block1_2_expand_bn_scaled, %block1_2_expand_bn_each_2 : tensor<32x8x8x48xf32>
    %block1_2_expand_relu6_positive_part = stablehlo.maximum %block1_2_expand_bn_normalised, %c_0_5 : tensor<32x8x8x48xf32>
    %block1_2_expand_relu6_out = stablehlo.minimum %block1_2_expand_relu6_positive_part, %c_6_4 : tensor<32x8x8x48xf32>
    %block1_2_dw_pad = stablehlo.pad %block1_2_expand_relu6_out, %c_0_3, low = [0, 1, 1, 0], high = [0, 1, 1, 0], interior = [0, 0, 0, 0] : (tensor<32x8x8x48xf32>, tensor<f32>) -> tensor<32x10x10x48xf32>
    %block1_2_dw_conv = stablehlo.convolution(%block1_2_dw_pad, %block1_2_dw_weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 48 : i64} : (tensor<32x10x10x48xf32>, tensor<3x3x1x48xf32>) -> tensor<32x8x8x48xf32>
    %block1_2_dw_bn_above_zero = stablehlo.add %block1_2_dw_bn_running_variance, %c_1em05_4 : tensor<48xf32>
    %block1_2_dw_bn_inverse = stablehlo.rsqrt %block1_2_dw_bn_above_zero : tensor<48xf32>
    %block1_2_dw_bn_scale = stablehlo.multiply %block1_2_dw_bn_gamma, %block1_2_dw_bn_inverse : tensor<48xf32>
    %block1_2_dw_bn_mean_scaled = stablehlo.multiply %block1_2_dw_bn_running_mean, %block1_2_dw_bn_scale : tensor<48xf32>
    %block1_2_dw_bn_shift = stablehlo.subtract %block1_2_dw_bn_beta, %block1_2_dw_bn_mean_scaled : tensor<48xf32>
    %block1_2_dw_bn_each = stablehlo.broadcast_in_dim %block1_2_dw_bn_scale, dims = [3] : (tensor<48xf32>) -> tensor<32x8x8x48xf32>
    %block1_2_dw_bn_scaled = stablehlo.multiply %block1_2_dw_conv, %block1_2_dw_bn_each : tensor<32x8x8x48xf32>
    %block1_2_dw_bn_each_2 = stablehlo.broadcast_in_dim %block1_2_dw_bn_shift, dims = [3] : (tensor<48xf32>) -> tensor<32x8x8x48xf32>
    %block1_2_dw_bn_normalised = stablehlo.add %block1_2_dw_bn_scaled, %block1_2_dw_bn_each_2 : tensor<32x8x8x48xf32>
    %block1_2_dw_relu6_positive_part = stablehlo.maximum %block1_2_dw_bn_normalised, %c_0_5 : tensor<32x8x8x48xf32>
    %block1_2_dw_relu6_out = stablehlo.minimum %block1_2_dw_relu6_positive_part, %c_6_4 : tensor<32x8x8x48xf32>
    %block1_2_project_conv = stablehlo.convolution(%block1_2_dw_relu6_out, %block1_2_project_weight) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[0, 0], [0, 0]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<32x8x8x48xf32>, tensor<1x1x48x24xf32>) -> tensor<32x8x8x24xf32>
    %block1_2_project_bn_above_zero = stablehlo.add %block1_2_project_bn_running_variance, %c_1em05_3 : tensor<24xf32>
    %block1_2_project_bn_inverse = stablehlo.rsqrt %block1_2_project_bn_above_zero : tensor<24xf32>
    %block1_2_project_bn_scale = stablehlo.multiply %block1_2_project_bn_gamma, %block1_2_project_bn_inverse : tensor<24xf32>
    %block1_2_project_bn_mean_scaled = stablehlo.multiply %block1_2_project_bn_running_mean, %block1_2_project_bn_scale : tensor<24xf32>
    %block1_2_project_bn_shift = stablehlo.subtract %block1_2_project_bn_beta, %block1_2_project_bn_mean_scaled : tensor<24xf32>
    %block1_2_project_bn_each = stablehlo.broadcast_in_dim %block1_2_project_bn_scale, dims = [3] : (tensor<24xf32>) -> tensor<32x8x8x24xf32>
    %block1_2_project_bn_scaled = stablehlo.multiply %block1_2_project_conv, %block1_2_project_bn_each : tensor<32x8x8x24xf32>
    %block1_2_project_bn_each_2 = stablehlo.broadcast_in_dim %block1_2_project_bn_shift, dims = [3] : (tensor<24xf32>) -> tensor<32x8x8x24xf32>
    %block1_2_project_bn_normalised = stablehlo.add %block1_2_project_bn_scaled, %block1_2_project_bn_each_2 : tensor<32x8x8x24xf32>
    %block1_2_add_residual = stablehlo.add %block1_1_project_bn_normalised, %block1_2_project_bn_normalised : tensor<32x8x8x24xf32>
    // layer 2: globalAvgPool()
    %average1_sum = stablehlo.reduce(%block1_2_add_residual init: %c_0_3) applies stablehlo.add across dimensions = [1, 2] : (tensor<32x8x8x24xf32>, tensor<f32>) -> tensor<32x24xf32>
    %average1_mean = stablehlo.divide %average1_sum, %c_64 : tensor<32x24xf32>
    // layer 3: dense(24, 10, "identity")
    %head_dot = stablehlo.dot_general %average1_mean, %head_weight, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32x24xf32>, tensor<24x10xf32>) -> tensor<32x10xf32>
    %head_each = stablehlo.broadcast_in_dim %head_bias, dims = [1] : (tensor<10xf32>) -> tensor<32x10xf32>
    %head_biased = stablehlo.add %head_dot, %head_each : tensor<32x10xf32>
    // what is counted
    %max = stablehlo.reduce(%head_biased init: %c_minus_inf) applies stablehlo.maximum across dimensions = [1] : (tensor<32x10xf32>, tensor<f32>) -> tensor<32xf32>
    %everywhere = stablehlo.broadcast_in_dim %max, dims = [0] : (tensor<32xf32>) -> tensor<32x10xf32>
    %shifted = stablehlo.subtract %head_biased, %everywhere : tensor<32x10xf32>
    %exp = stablehlo.exponential %shifted : tensor<32x10xf32>
    %total = stablehlo.reduce(%exp init: %c_0_3) applies stablehlo.add across dimensions = [1] : (tensor<32x10xf32>, tensor<f32>) -> tensor<32xf32>
    %log = stablehlo.log %total : tensor<32xf32>
    %everywhere_2 = stablehlo.broadcast_in_dim %log, dims = [0] : (tensor<32xf32>) -> tensor<32x10xf32>
    %log_softmax = stablehlo.subtract %shifted, %everywhere_2 : tensor<32x10xf32>
    %probabilities = stablehlo.exponential %log_softmax : tensor<32x10xf32>
    %column = stablehlo.iota dim = 1 : tensor<32x10xi32>
    %label = stablehlo.broadcast_in_dim %labels, dims = [0] : (tensor<32xi32>) -> tensor<32x10xi32>
    %is_label = stablehlo.compare EQ, %column, %label, SIGNED : (tensor<32x10xi32>, tensor<32x10xi32>) -> tensor<32x10xi1>
    %picked = stablehlo.select %is_label, %log_softmax, %c_0_6 : tensor<32x10xi1>, tensor<32x10xf32>
    %picked_sum = stablehlo.reduce(%picked init: %c_0_3) applies stablehlo.add across dimensions = [0, 1] : (tensor<32x10xf32>, tensor<f32>) -> tensor<f32>
    %loss_sum = stablehlo.subtract %c_0_3, %picked_sum : tensor<f32>
    %largest = stablehlo.reduce(%head_biased init: %c_minus_inf) applies stablehlo.maximum across dimensions = [1] : (tensor<32x10xf32>, tensor<f32>) -> tensor<32xf32>
    %largest_2 = stablehlo.broadcast_in_dim %largest, dims = [0] : (tensor<32xf32>) -> tensor<32x10xf32>
    %column_2 = stablehlo.iota dim = 1 : tensor<32x10xi32>
    %is_largest = stablehlo.compare EQ, %head_biased, %largest_2, FLOAT : (tensor<32x10xf32>, tensor<32x10xf32>) -> tensor<32x10xi1>
    %candidates = stablehlo.select %is_largest, %column_2, %c_10 : tensor<32x10xi1>, tensor<32x10xi32>
    %answer = stablehlo.reduce(%candidates init: %c_10_2) applies stablehlo.minimum across dimensions = [1] : (tensor<32x10xi32>, tensor<i32>) -> tensor<32xi32>
    %right = stablehlo.compare EQ, %answer, %labels, SIGNED : (tensor<32xi32>, tensor<32xi32>) -> tensor<32xi1>
    %right_2 = stablehlo.convert %right : (tensor<32xi1>) -> tensor<32xi32>
    %correct = stablehlo.reduce(%right_2 init: %c_0_7) applies stablehlo.add across dimensions = [0] : (tensor<32xi32>, tensor<i32>) -> tensor<i32>
    return %loss_sum, %correct, %probabilities : tensor<f32>, tensor<i32>, tensor<32x10xf32>
  }
}
