# Share of rows up to each ratio, once on a logarithmic and once on a linear axis, run after
# common.gp with the variables that imagrid-merge writes in front:
#   figure         file name without suffix; FIGURE.dat has a block of (ratio, share) per curve
#   title_text, x_text, y_text
#   x_low, x_high  smallest and largest ratio shown
#   n_curves, legend[i]
#   median[i]      published median, NaN where there is none
# Run it again after a change with: gnuplot FIGURE.gp

data = figure . '.dat'
published = 0
do for [i = 1:n_curves] { if (median[i] == median[i]) { published = 1 } }

set yrange [0:1.02] noextend
set ytics 0.25

width = 1000
rows = n_curves + 1 + published
height = 460 + 22 * rows + corner
# Where the panels end; below stand the axis label and the key.
bottom = (22.0 * rows + 88 + corner) / height
top = 1 - 50.0 / height
do for [kind in kinds] {
    eval begin(kind, width, height)
    set pointsize 1.35 * size
    unset title
    set multiplot title title_text noenhanced font ',14'
    set tmargin at screen top
    set bmargin at screen bottom
    set xlabel x_text noenhanced

    set lmargin at screen 0.09
    set rmargin at screen 0.52
    set ylabel y_text noenhanced
    set logscale x 10
    set xrange [x_low:1.6 * x_high] noextend
    set format x '10^{%L}'
    set format y '%.2f'
    set arrow 1 from 1, graph 0 to 1, graph 1 nohead dashtype (4, 4) linewidth 1 \
        linecolor rgb '#404040'
    set key at screen 0.09, screen (22.0 * rows + 16 + corner) / height left top maxcols 1 Left reverse \
        noenhanced samplen 3 spacing 1.2
    plot for [i = 1:n_curves] data index i - 1 using 1:2 with steps linewidth 1.6 \
             dashtype dash[stroke(i)] linecolor rgb colour[slot(i)] title legend[i], \
         for [i = 1:n_curves] '+' using (median[i]):(0.5) every ::::0 with points pointtype 12 \
             linewidth 1.4 linecolor rgb colour[slot(i)] notitle, \
         NaN with lines dashtype (4, 4) linewidth 1 linecolor rgb '#404040' \
             title 'ratio 1: the bound is used up', \
         NaN with points pointtype 12 linewidth 1.4 linecolor rgb '#606060' \
             title (published ? 'published medians' : '')

    unset label 999
    set lmargin at screen 0.56
    set rmargin at screen 0.98
    set ylabel ' '
    set format y ''
    unset logscale x
    set xrange [0:1.05 * x_high] noextend
    set format x '%g'
    unset key
    plot for [i = 1:n_curves] data index i - 1 using 1:2 with steps linewidth 1.6 \
             dashtype dash[stroke(i)] linecolor rgb colour[slot(i)] notitle, \
         for [i = 1:n_curves] '+' using (median[i]):(0.5) every ::::0 with points pointtype 12 \
             linewidth 1.4 linecolor rgb colour[slot(i)] notitle
    unset multiplot
    unset output
}
