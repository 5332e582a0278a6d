# Ratios against an axis, run with the variables that imagrid-merge writes in front:
#   figure         file name without suffix; FIGURE.dat has a block of
#                  (x, first quartile, median, third quartile, maximum) per curve
#   title_text, x_text, y_text
#   y_low, y_high  range of the logarithmic axis
#   n_curves, legend[i]
# Run it again after a change with: gnuplot FIGURE.gp

data = figure . '.dat'
# Okabe and Ito: told apart with every kind of colour vision, and by point shape without any.
array colour[7] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000']
array shape[7] = [7, 5, 9, 11, 13, 15, 3]
slot(i) = (i - 1) % 7 + 1
mark(i) = (i - 1 + (i - 1) / 7) % 7 + 1 # a colour comes back with another shape

set logscale y 10
set yrange [y_low:y_high] noextend
set format y '10^{%L}'
set mytics 10
set format x '%g'
set border 3 linewidth 1 linecolor rgb '#404040'
set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#e4e4e4'
set tics nomirror out textcolor rgb '#202020'
set xrange [*:*] noextend
set offsets graph 0.02, graph 0.02, 0, 0
set title title_text noenhanced
set xlabel x_text noenhanced
set ylabel y_text noenhanced
# Below the plot, where it can hide no data; the empty title keeps it off the axis label.
set key outside below center vertical maxcols 1 Left reverse noenhanced samplen 3 \
    spacing 1.25 title ' '

width = 800
height = 520 + 20 * (n_curves + 2)
has_png = strstrt(GPVAL_TERMINALS, 'pngcairo') > 0
do for [kind in 'png svg'] {
    if (kind eq 'svg') {
        set terminal svg size width, height font 'DejaVu Sans,12' linewidth 1.2 \
            background 'white' name figure
        set pointsize 0.6
    } else {
        if (has_png) {
            set terminal pngcairo size 2 * width, 2 * height font 'DejaVu Sans,24' \
                linewidth 2.4 pointscale 2.4
            set pointsize 0.55
        } else {
            set terminal png size 2 * width, 2 * height font 'DejaVuSans,20' linewidth 2
            set pointsize 1.5
        }
    }
    set output figure . '.' . kind
    plot for [i = 1:n_curves] data index i - 1 using 1:2:4 with filledcurves \
             fillcolor rgb colour[slot(i)] fillstyle transparent solid 0.18 noborder notitle, \
         for [i = 1:n_curves] data index i - 1 using 1:3 with lines linewidth 1.2 \
             linecolor rgb colour[slot(i)] notitle, \
         for [i = 1:n_curves] data index i - 1 using 1:5 with points pointtype shape[mark(i)] \
             linecolor rgb colour[slot(i)] title legend[i], \
         1 with lines dashtype (4, 4) linewidth 1 linecolor rgb '#404040' \
             title 'ratio 1: the bound is used up', \
         NaN with lines linewidth 1.2 linecolor rgb '#606060' \
             title 'lines: medians; shading: quartiles; points: maxima'
    unset output
}
