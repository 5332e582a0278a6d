# Ratios against an axis, run after common.gp with the variables that imagrid-merge
# writes in front:
#   figure         file name without suffix; FIGURE.dat has a block of
#                  (x, first quartile, median, third quartile, maximum) per curve
#   title_text, x_text, y_text
#   y_low, y_high  range of the logarithmic axis
#   n_curves, legend[i]
# Run it again after a change with: gnuplot FIGURE.gp

data = figure . '.dat'
set format x '%g'
set xrange [*:*] noextend
set offsets graph 0.02, graph 0.02, 0, 0
set xlabel x_text noenhanced
set ylabel y_text noenhanced
width = 800
height = 520 + 20 * (n_curves + 2) + corner
do for [kind in kinds] {
    eval begin(kind, width, height)
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
