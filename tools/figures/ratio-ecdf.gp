# Share of rows up to each ratio, once on a logarithmic and once on a linear axis, run with the
# variables that imagrid-merge writes in front:
#   figure         file name without suffix; FIGURE.dat has a block of (ratio, share) per curve
#   title_text, x_text, y_text
#   x_low, x_high  smallest and largest ratio shown
#   n_curves, legend[i]
#   median[i]      published median, NaN where there is none
# Run it again after a change with: gnuplot FIGURE.gp

data = figure . '.dat'
# Okabe and Ito: told apart with every kind of colour vision, and by dashes without any.
array colour[7] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000']
array dash[4] = [1, 2, 4, 5]
slot(i) = (i - 1) % 7 + 1
mark(i) = (i - 1) % 4 + 1
published = 0
do for [i = 1:n_curves] { if (median[i] == median[i]) { published = 1 } }

set border 3 linewidth 1 linecolor rgb '#404040'
set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#e4e4e4'
set tics nomirror out textcolor rgb '#202020'
set yrange [0:1.02] noextend
set ytics 0.25

width = 1000
rows = n_curves + 1 + published
height = 460 + 22 * rows
# Where the panels end; below stand the axis label and the key.
bottom = (22.0 * rows + 88) / height
top = 1 - 50.0 / height
has_png = strstrt(GPVAL_TERMINALS, 'pngcairo') > 0
do for [kind in 'png svg'] {
    if (kind eq 'svg') {
        set terminal svg size width, height font 'DejaVu Sans,12' linewidth 1.2 \
            background 'white' name figure
        set pointsize 0.8
    } else {
        if (has_png) {
            set terminal pngcairo size 2 * width, 2 * height font 'DejaVu Sans,24' \
                linewidth 2.4 pointscale 2.4
            set pointsize 0.75
        } else {
            set terminal png size 2 * width, 2 * height font 'DejaVuSans,20' linewidth 2
            set pointsize 2
        }
    }
    set output figure . '.' . kind
    set multiplot title title_text noenhanced
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
    set key at screen 0.09, screen (22.0 * rows + 16) / height left top maxcols 1 Left reverse \
        noenhanced samplen 3 spacing 1.2
    plot for [i = 1:n_curves] data index i - 1 using 1:2 with steps linewidth 1.6 \
             dashtype dash[mark(i)] linecolor rgb colour[slot(i)] title legend[i], \
         for [i = 1:n_curves] '+' using (median[i]):(0.5) every ::::0 with points pointtype 12 \
             linewidth 1.4 linecolor rgb colour[slot(i)] notitle, \
         NaN with lines dashtype (4, 4) linewidth 1 linecolor rgb '#404040' \
             title 'ratio 1: the bound is used up', \
         NaN with points pointtype 12 linewidth 1.4 linecolor rgb '#606060' \
             title (published ? 'published medians' : '')

    set lmargin at screen 0.56
    set rmargin at screen 0.98
    set ylabel ' '
    set format y ''
    unset logscale x
    set xrange [0:1.05 * x_high] noextend
    set format x '%g'
    unset key
    plot for [i = 1:n_curves] data index i - 1 using 1:2 with steps linewidth 1.6 \
             dashtype dash[mark(i)] linecolor rgb colour[slot(i)] notitle, \
         for [i = 1:n_curves] '+' using (median[i]):(0.5) every ::::0 with points pointtype 12 \
             linewidth 1.4 linecolor rgb colour[slot(i)] notitle
    unset multiplot
    unset output
}
