# The bound along the budget line, run after common.gp with the variables that imagrid-plan
# writes in front:
#   figure         file name without suffix
#   title_text, y_text, dynamics_text, reward_text
#   x_low, x_high, y_low, y_high   ranges of the axes
#   best_x, best_y, even_y         the purchase; the even split (NaN where it buys nothing)
#   best_text
# and the data FIGURE-line.dat: money for transitions over money for labels, bound, its 2.5 % and
# 97.5 %, dynamics part measured, extrapolated, reward part measured, extrapolated.
# Run it again after a change with: gnuplot FIGURE.gp

line_file = figure . '-line.dat'
set datafile missing # what is not a number must break a line; a missing one is bridged
blue = '#0072B2'
orange = '#D55E00'

set logscale x 10
set xrange [x_low:x_high] noextend
set xtics ()
do for [k = 0 : 12] {
    set xtics add (sprintf('%.0f : 1', 10.0**k) 10.0**k)
    if (k > 0) { set xtics add (sprintf('1 : %.0f', 10.0**k) 10.0**-k) }
}
set xlabel 'money for transitions : money for reward labels' noenhanced
set ylabel y_text noenhanced
do for [kind in kinds] {
    eval begin(kind, 800, 620 + corner)
    set pointsize 1.5 * size
    plot line_file using 1:3:4 with filledcurves fillcolor rgb '#808080' \
             fillstyle transparent solid 0.25 noborder notitle, \
         line_file using 1:2 with lines linewidth 1.6 linecolor rgb '#000000' \
             title 'bound; shading: 95 % of the redraws of the fits', \
         line_file using 1:($5) with lines linewidth 1.2 linecolor rgb blue title dynamics_text, \
         line_file using 1:($6) with lines dashtype (4, 4) linewidth 1.2 linecolor rgb blue notitle, \
         line_file using 1:($7) with lines linewidth 1.2 linecolor rgb orange title reward_text, \
         line_file using 1:($8) with lines dashtype (4, 4) linewidth 1.2 linecolor rgb orange notitle, \
         '+' using (best_x):(best_y) every ::0::0 with points pointtype 7 \
             linecolor rgb '#000000' title best_text, \
         '+' using (1):(even_y) every ::0::0 with points pointtype 6 linewidth 1.5 \
             linecolor rgb '#000000' title 'half of the money for each kind', \
         NaN with lines dashtype (4, 4) linewidth 1.2 linecolor rgb '#606060' \
             title 'dashed: beyond the N that were measured'
    unset output
}
