# Log-log scatter of predicted against realized ratios, run with the variables that imagrid-merge
# writes in front:
#   figure         file name without suffix
#   title_text, x_text, y_text
#   low, high      range of both axes
#   n_groups       blocks in FIGURE-points.dat (predicted, realized)
#   legend[i]      text of the key
# Run it again after a change with: gnuplot FIGURE.gp

points_file = figure . '-points.dat'
set datafile missing 'nan'
array colour[7] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000']
array shape[7] = [7, 5, 9, 11, 13, 15, 3]
slot(i) = (i - 1) % 7 + 1

set logscale xy 10
set xrange [low:high] noextend
set yrange [low:high] noextend
set size square
set border 3 linewidth 1 linecolor rgb '#404040'
set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#e4e4e4'
set tics nomirror out textcolor rgb '#202020'
if (log10(high) - log10(low) > 2) {
    set format xy '10^{%L}'
    set mxtics 10
    set mytics 10
} else {
    set format xy '%h'
}
set title title_text noenhanced
set xlabel x_text noenhanced
set ylabel y_text noenhanced
set key outside below center vertical maxcols 1 Left reverse noenhanced samplen 3 \
    spacing 1.25 title ' '

height = 700 + 20 * n_groups
has_png = strstrt(GPVAL_TERMINALS, 'pngcairo') > 0
do for [kind in 'png svg'] {
    if (kind eq 'svg') {
        set terminal svg size 720, height font 'DejaVu Sans,12' linewidth 1.2 \
            background 'white' name figure
        set pointsize 0.6
    } else {
        if (has_png) {
            set terminal pngcairo size 1440, 2 * height font 'DejaVu Sans,24' \
                linewidth 2.4 pointscale 2.4
            set pointsize 0.55
        } else {
            set terminal png size 1440, 2 * height font 'DejaVuSans,20' linewidth 2
            set pointsize 1.5
        }
    }
    set output figure . '.' . kind
    plot for [i = 1:n_groups] points_file index i - 1 using 2:1 with points \
             pointtype shape[slot(i)] linecolor rgb colour[slot(i)] title legend[i], \
         x with lines dashtype (10, 6) linewidth 1 linecolor rgb '#606060' \
             title 'prediction and reality agree'
    unset output
}
