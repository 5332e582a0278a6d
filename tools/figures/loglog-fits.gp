# Log-log figure of fitted power laws, run after common.gp with the variables that imagrid-merge
# writes in front:
#   figure         file name without suffix
#   title_text, x_text, y_text
#   x_low, x_high, y_low, y_high   ranges of the axes
#   n_fits         blocks in FIGURE-points.dat (x, mean, mean - SEM, mean + SEM)
#                  and FIGURE-lines.dat (x, fitted line, 2.5 % and 97.5 % of the line, published)
#   legend[i], published_text      text of the key; published_text is empty where nothing is known
# Run it again after a change with: gnuplot FIGURE.gp

points_file = figure . '-points.dat'
lines_file = figure . '-lines.dat'
set xlabel x_text noenhanced
set ylabel y_text noenhanced
# Room for every line of the key.
rows = n_fits + (published_text eq '' ? 1 : 2)
longest = 0
do for [i = 1:n_fits] { longest = strlen(legend[i]) > longest ? strlen(legend[i]) : longest }
width = 10 * longest + 100 > 800 ? 10 * longest + 100 : 800
height = 520 + 20 * rows + corner
do for [kind in kinds] {
    eval begin(kind, width, height)
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
