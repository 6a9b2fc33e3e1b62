// AveragePool(window=Window(size=3, stride=2, padding='same', dilation=1), counts_padding=False)
module @average_pool {
  func.func public @main(
      %x: tensor<1x5x6x2xf32>,
      %dy: tensor<1x3x3x2xf32>
  ) -> (
      tensor<1x3x3x2xf32>,
      tensor<1x5x6x2xf32>
  ) {
    %c_0 = stablehlo.constant dense<0.0> : tensor<f32>
    %c_rows = stablehlo.constant dense<[2.0, 3.0, 2.0]> : tensor<3xf32>
    %c_columns = stablehlo.constant dense<[3.0, 3.0, 2.0]> : tensor<3xf32>
    %c_seen = stablehlo.constant dense<[0.0, 1.0]> : tensor<2xf32>
    %c_seen_2 = stablehlo.constant dense<[1.0, 0.0]> : tensor<2xf32>
    %block1_1_x_pad = stablehlo.pad %x, %c_0, low = [0, 1, 0, 0], high = [0, 2, 2, 0], interior = [0, 0, 0, 0] : (tensor<1x5x6x2xf32>, tensor<f32>) -> tensor<1x8x8x2xf32>
    %block1_1_x_phases = stablehlo.reshape %block1_1_x_pad : (tensor<1x8x8x2xf32>) -> tensor<1x4x2x4x2x2xf32>
    %block1_1_x_at00 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 0:1, 0:3, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see00 = stablehlo.reshape %block1_1_x_at00 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_at01 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 0:1, 0:3, 1:2, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see01 = stablehlo.reshape %block1_1_x_at01 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_at02 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 0:1, 1:4, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see02 = stablehlo.reshape %block1_1_x_at02 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_at10 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 1:2, 0:3, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see10 = stablehlo.reshape %block1_1_x_at10 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_at11 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 1:2, 0:3, 1:2, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see11 = stablehlo.reshape %block1_1_x_at11 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_at12 = stablehlo.slice %block1_1_x_phases [0:1, 0:3, 1:2, 1:4, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see12 = stablehlo.reshape %block1_1_x_at12 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_at20 = stablehlo.slice %block1_1_x_phases [0:1, 1:4, 0:1, 0:3, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see20 = stablehlo.reshape %block1_1_x_at20 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_at21 = stablehlo.slice %block1_1_x_phases [0:1, 1:4, 0:1, 0:3, 1:2, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see21 = stablehlo.reshape %block1_1_x_at21 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_at22 = stablehlo.slice %block1_1_x_phases [0:1, 1:4, 0:1, 1:4, 0:1, 0:2] : (tensor<1x4x2x4x2x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_see22 = stablehlo.reshape %block1_1_x_at22 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_total = stablehlo.add %block1_1_x_see00, %block1_1_x_see01 : tensor<1x3x3x2xf32>
    %block1_1_x_total_2 = stablehlo.add %block1_1_x_total, %block1_1_x_see02 : tensor<1x3x3x2xf32>
    %block1_1_x_total_3 = stablehlo.add %block1_1_x_total_2, %block1_1_x_see10 : tensor<1x3x3x2xf32>
    %block1_1_x_total_4 = stablehlo.add %block1_1_x_total_3, %block1_1_x_see11 : tensor<1x3x3x2xf32>
    %block1_1_x_total_5 = stablehlo.add %block1_1_x_total_4, %block1_1_x_see12 : tensor<1x3x3x2xf32>
    %block1_1_x_total_6 = stablehlo.add %block1_1_x_total_5, %block1_1_x_see20 : tensor<1x3x3x2xf32>
    %block1_1_x_total_7 = stablehlo.add %block1_1_x_total_6, %block1_1_x_see21 : tensor<1x3x3x2xf32>
    %block1_1_x_total_8 = stablehlo.add %block1_1_x_total_7, %block1_1_x_see22 : tensor<1x3x3x2xf32>
    %block1_1_x_rows = stablehlo.broadcast_in_dim %c_rows, dims = [0] : (tensor<3xf32>) -> tensor<3x3xf32>
    %block1_1_x_columns = stablehlo.broadcast_in_dim %c_columns, dims = [1] : (tensor<3xf32>) -> tensor<3x3xf32>
    %block1_1_x_count = stablehlo.multiply %block1_1_x_rows, %block1_1_x_columns : tensor<3x3xf32>
    %block1_1_x_counts = stablehlo.broadcast_in_dim %block1_1_x_count, dims = [1, 2] : (tensor<3x3xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_mean = stablehlo.divide %block1_1_x_total_8, %block1_1_x_counts : tensor<1x3x3x2xf32>
    %block1_1_x_rows_2 = stablehlo.broadcast_in_dim %c_rows, dims = [0] : (tensor<3xf32>) -> tensor<3x3xf32>
    %block1_1_x_columns_2 = stablehlo.broadcast_in_dim %c_columns, dims = [1] : (tensor<3xf32>) -> tensor<3x3xf32>
    %block1_1_x_count_2 = stablehlo.multiply %block1_1_x_rows_2, %block1_1_x_columns_2 : tensor<3x3xf32>
    %block1_1_x_counts_2 = stablehlo.broadcast_in_dim %block1_1_x_count_2, dims = [1, 2] : (tensor<3x3xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_share = stablehlo.divide %dy, %block1_1_x_counts_2 : tensor<1x3x3x2xf32>
    %block1_1_x_around = stablehlo.pad %block1_1_x_share, %c_0, low = [0, 0, 1, 0], high = [0, 1, 0, 0], interior = [0, 0, 0, 0] : (tensor<1x3x3x2xf32>, tensor<f32>) -> tensor<1x4x4x2xf32>
    %block1_1_x_apart = stablehlo.reshape %block1_1_x_around : (tensor<1x4x4x2xf32>) -> tensor<1x4x1x4x1x2xf32>
    %block1_1_x_at00_2 = stablehlo.slice %block1_1_x_apart [0:1, 1:4, 0:1, 1:4, 0:1, 0:2] : (tensor<1x4x1x4x1x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_read00 = stablehlo.reshape %block1_1_x_at00_2 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_part00 = stablehlo.broadcast_in_dim %block1_1_x_read00, dims = [0, 1, 3, 5] : (tensor<1x3x3x2xf32>) -> tensor<1x3x2x3x2x2xf32>
    %block1_1_x_seen = stablehlo.broadcast_in_dim %c_seen, dims = [2] : (tensor<2xf32>) -> tensor<1x3x2x3x2x2xf32>
    %block1_1_x_part = stablehlo.multiply %block1_1_x_part00, %block1_1_x_seen : tensor<1x3x2x3x2x2xf32>
    %block1_1_x_at01_2 = stablehlo.slice %block1_1_x_apart [0:1, 1:4, 0:1, 0:3, 0:1, 0:2] : (tensor<1x4x1x4x1x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_read01 = stablehlo.reshape %block1_1_x_at01_2 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_part01 = stablehlo.broadcast_in_dim %block1_1_x_read01, dims = [0, 1, 3, 5] : (tensor<1x3x3x2xf32>) -> tensor<1x3x2x3x2x2xf32>
    %block1_1_x_seen_2 = stablehlo.broadcast_in_dim %c_seen, dims = [2] : (tensor<2xf32>) -> tensor<1x3x2x3x2x2xf32>
    %block1_1_x_part_2 = stablehlo.multiply %block1_1_x_part01, %block1_1_x_seen_2 : tensor<1x3x2x3x2x2xf32>
    %block1_1_x_seen_3 = stablehlo.broadcast_in_dim %c_seen_2, dims = [4] : (tensor<2xf32>) -> tensor<1x3x2x3x2x2xf32>
    %block1_1_x_part_3 = stablehlo.multiply %block1_1_x_part_2, %block1_1_x_seen_3 : tensor<1x3x2x3x2x2xf32>
    %block1_1_x_dx = stablehlo.add %block1_1_x_part, %block1_1_x_part_3 : tensor<1x3x2x3x2x2xf32>
    %block1_1_x_at10_2 = stablehlo.slice %block1_1_x_apart [0:1, 0:3, 0:1, 1:4, 0:1, 0:2] : (tensor<1x4x1x4x1x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_read10 = stablehlo.reshape %block1_1_x_at10_2 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_part10 = stablehlo.broadcast_in_dim %block1_1_x_read10, dims = [0, 1, 3, 5] : (tensor<1x3x3x2xf32>) -> tensor<1x3x2x3x2x2xf32>
    %block1_1_x_dx_2 = stablehlo.add %block1_1_x_dx, %block1_1_x_part10 : tensor<1x3x2x3x2x2xf32>
    %block1_1_x_at11_2 = stablehlo.slice %block1_1_x_apart [0:1, 0:3, 0:1, 0:3, 0:1, 0:2] : (tensor<1x4x1x4x1x2xf32>) -> tensor<1x3x1x3x1x2xf32>
    %block1_1_x_read11 = stablehlo.reshape %block1_1_x_at11_2 : (tensor<1x3x1x3x1x2xf32>) -> tensor<1x3x3x2xf32>
    %block1_1_x_part11 = stablehlo.broadcast_in_dim %block1_1_x_read11, dims = [0, 1, 3, 5] : (tensor<1x3x3x2xf32>) -> tensor<1x3x2x3x2x2xf32>
    %block1_1_x_seen_4 = stablehlo.broadcast_in_dim %c_seen_2, dims = [4] : (tensor<2xf32>) -> tensor<1x3x2x3x2x2xf32>
    %block1_1_x_part_4 = stablehlo.multiply %block1_1_x_part11, %block1_1_x_seen_4 : tensor<1x3x2x3x2x2xf32>
    %block1_1_x_dx_3 = stablehlo.add %block1_1_x_dx_2, %block1_1_x_part_4 : tensor<1x3x2x3x2x2xf32>
    %block1_1_x_dx_4 = stablehlo.reshape %block1_1_x_dx_3 : (tensor<1x3x2x3x2x2xf32>) -> tensor<1x6x6x2xf32>
    %block1_1_x_dx_5 = stablehlo.slice %block1_1_x_dx_4 [0:1, 0:5, 0:6, 0:2] : (tensor<1x6x6x2xf32>) -> tensor<1x5x6x2xf32>
    return %block1_1_x_mean, %block1_1_x_dx_5 : tensor<1x3x3x2xf32>, tensor<1x5x6x2xf32>
  }
}
