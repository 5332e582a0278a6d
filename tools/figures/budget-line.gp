# The bound along the budget line, run with the variables that imagrid-plan writes in front:
#   figure         file name without suffix
#   title_text, y_text, dynamics_text, reward_text
#   x_low, x_high, y_low, y_high   ranges of the axes
#   best_x, best_y, even_y         the purchase; the even split (NaN where it buys nothing)
#   best_text
# and the data FIGURE-line.dat: money for transitions over money for labels, bound, its 2.5 % and
# 97.5 %, dynamics part measured, extrapolated, reward part measured, extrapolated.
# Run it again after a change with: gnuplot FIGURE.gp

line_file = figure . '-line.dat'
set datafile missing 'nan'
blue = '#0072B2'
orange = '#D55E00'

set logscale xy 10
set xrange [x_low:x_high] noextend
set yrange [y_low:y_high] noextend
set border 3 linewidth 1 linecolor rgb '#404040'
set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#e4e4e4'
set tics nomirror out textcolor rgb '#202020'
set xtics ()
do for [k = 0 : 12] {
    set xtics add (sprintf('%.0f : 1', 10.0**k) 10.0**k)
    if (k > 0) { set xtics add (sprintf('1 : %.0f', 10.0**k) 10.0**-k) }
}
if (log10(y_high) - log10(y_low) > 3.5) {
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
set xlabel 'money for transitions : money for reward labels' noenhanced
set ylabel y_text noenhanced
set key outside below center vertical maxcols 1 Left reverse noenhanced samplen 3 \
    spacing 1.25 title ' '

has_png = strstrt(GPVAL_TERMINALS, 'pngcairo') > 0
do for [kind in 'png svg'] {
    if (kind eq 'svg') {
        set terminal svg size 800, 620 font 'DejaVu Sans,12' linewidth 1.2 \
            background 'white' name figure
        set pointsize 0.9
    } else {
        if (has_png) {
            set terminal pngcairo size 1600, 1240 font 'DejaVu Sans,24' linewidth 2.4 pointscale 2.4
            set pointsize 0.8
        } else {
            set terminal png size 1600, 1240 font 'DejaVuSans,20' linewidth 2
            set pointsize 2
        }
    }
    set output figure . '.' . kind
    plot line_file using 1:3:4 with filledcurves fillcolor rgb '#808080' \
             fillstyle transparent solid 0.25 noborder notitle, \
         line_file using 1:2 with lines linewidth 1.6 linecolor rgb '#000000' \
             title 'bound; shading: 95 % of the redraws of the fits', \
         line_file using 1:5 with lines linewidth 1.2 linecolor rgb blue title dynamics_text, \
         line_file using 1:6 with lines dashtype (4, 4) linewidth 1.2 linecolor rgb blue notitle, \
         line_file using 1:7 with lines linewidth 1.2 linecolor rgb orange title reward_text, \
         line_file using 1:8 with lines dashtype (4, 4) linewidth 1.2 linecolor rgb orange notitle, \
         '+' using (best_x):(best_y) every ::0::0 with points pointtype 7 \
             linecolor rgb '#000000' title best_text, \
         '+' using (1):(even_y) every ::0::0 with points pointtype 6 linewidth 1.5 \
             linecolor rgb '#000000' title 'half of the money for each kind', \
         NaN with lines dashtype (4, 4) linewidth 1.2 linecolor rgb '#606060' \
             title 'dashed: beyond the N that were measured'
    unset output
}
