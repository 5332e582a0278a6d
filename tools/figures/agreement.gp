# Log-log scatter of predicted against realized ratios, run after common.gp with the
# variables that imagrid-merge writes in front:
#   figure         file name without suffix
#   title_text, x_text, y_text
#   x_low, x_high, y_low, y_high   range of both axes, the same
#   n_groups       blocks in FIGURE-points.dat (predicted, realized)
#   legend[i]      text of the key
# Run it again after a change with: gnuplot FIGURE.gp

points_file = figure . '-points.dat'

set xlabel x_text noenhanced
set ylabel y_text noenhanced
height = 700 + 20 * n_groups + corner
do for [kind in kinds] {
    eval begin(kind, 720, height)
    set size square
    set pointsize 1.5 * size
    plot for [i = 1:n_groups] points_file index i - 1 using 2:1 with points \
             pointtype shape[slot(i)] linecolor rgb colour[slot(i)] title legend[i], \
         x with lines dashtype (10, 6) linewidth 1 linecolor rgb '#606060' \
             title 'prediction and reality agree'
    unset output
}
