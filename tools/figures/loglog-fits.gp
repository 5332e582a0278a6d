# Log-log figure of fitted power laws, run with the variables that imagrid-merge writes in front:
#   figure         file name without suffix
#   title_text, x_text, y_text
#   x_low, x_high, y_low, y_high   ranges of the axes
#   n_fits         blocks in FIGURE-points.dat (x, mean, mean - SEM, mean + SEM)
#                  and FIGURE-lines.dat (x, fitted line, 2.5 % and 97.5 % of the line, published)
#   legend[i], published_text      text of the key; published_text is empty where nothing is known
# Run it again after a change with: gnuplot FIGURE.gp

points_file = figure . '-points.dat'
lines_file = figure . '-lines.dat'
set datafile missing 'nan'

# Okabe and Ito: told apart with every kind of colour vision, and by point shape without any.
array colour[7] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000']
array shape[7] = [7, 5, 9, 11, 13, 15, 3]
slot(i) = (i - 1) % 7 + 1
mark(i) = (i - 1 + (i - 1) / 7) % 7 + 1 # a colour comes back with another shape

set logscale xy 10
set xrange [x_low:x_high] noextend
set yrange [y_low:y_high] noextend
set border 3 linewidth 1 linecolor rgb '#404040'
set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#e4e4e4'
set tics nomirror out textcolor rgb '#202020'

# Powers of ten; where there are few of them, 2 and 5 times these as well.
decades(low, high) = log10(high) - log10(low)
if (decades(x_low, x_high) > 3) {
    set format x '10^{%L}'
    set mxtics 10
} else {
    set format x '%h'
    set xtics () # the automatic ones go
    do for [k = floor(log10(x_low)) : ceil(log10(x_high))] {
        set for [m in '1 2 5'] xtics add (m * 10.0**k)
    }
}
if (decades(y_low, y_high) > 3.5) {
    set format y '10^{%L}'
    set mytics 10
} else {
    set format y '%h'
    set ytics ()
    do for [k = floor(log10(y_low)) : ceil(log10(y_high))] {
        set for [m in '1 2 5'] ytics add (m * 10.0**k)
    }
}

set title title_text noenhanced
set xlabel x_text noenhanced
set ylabel y_text noenhanced
# Below the plot, where it can hide no data; the empty title keeps it off the axis label.
set key outside below center vertical maxcols 1 Left reverse noenhanced samplen 3 \
    spacing 1.25 title ' '

# Room for every line of the key; the PNG file has two pixels for one here.
rows = n_fits + (published_text eq '' ? 1 : 2)
longest = 0
do for [i = 1:n_fits] { longest = strlen(legend[i]) > longest ? strlen(legend[i]) : longest }
width = 10 * longest + 100 > 800 ? 10 * longest + 100 : 800
height = 520 + 20 * rows
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
    plot for [i = 1:n_fits] lines_file index i - 1 using 1:3:4 with filledcurves \
             fillcolor rgb colour[slot(i)] fillstyle transparent solid 0.18 noborder notitle, \
         for [i = 1:n_fits] lines_file index i - 1 using 1:5 with lines dashtype (10, 6) \
             linewidth 1 linecolor rgb colour[slot(i)] notitle, \
         for [i = 1:n_fits] lines_file index i - 1 using 1:2 with lines linewidth 1.2 \
             linecolor rgb colour[slot(i)] notitle, \
         for [i = 1:n_fits] points_file index i - 1 using 1:2:3:4 with yerrorbars linewidth 1 \
             pointtype shape[mark(i)] linecolor rgb colour[slot(i)] title legend[i], \
         NaN with filledcurves fillcolor rgb '#808080' fillstyle transparent solid 0.3 noborder \
             title 'bars: SEM; shading: 95 % bootstrap band of the fitted line', \
         NaN with lines dashtype (10, 6) linewidth 1 linecolor rgb '#606060' title published_text
    unset output
}
