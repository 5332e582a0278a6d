# A column against an axis, in panels, run after common.gp with the variables that
# imagrid-merge writes in front:
#   figure         file name without suffix; FIGURE.dat has a block of
#                  (x, median, low and high end of its interval, reference) per line
#   title_text, x_text, y_text, reference_text (empty: no reference)
#   log_x, log_y, optima           0 or 1
#   x_low, x_high
#   n_styles, legend[s]            a colour and mark each; empty where the figure has none of it
#   n_predicted, predicted_text[k]
#   n_panels, panel_text[p], first[p], last[p]   blocks of the panel, from 1
#   y_low[p], y_high[p]
#   style[i], best_x[i], best_y[i], predicted[(i - 1) * n_predicted + k]   of block i
# Run it again after a change with: gnuplot FIGURE.gp

data = figure . '.dat'
dash_of(k) = 3 + (k - 1) % 3 # the others are taken by lines and references

set xrange [x_low:x_high] noextend
if (log_x) { set logscale x 10 }
if (log_y) { set logscale y 10 }

# Steps of 1, 2 or 5 times a power of ten, about a quarter of a range.
power(r) = 10.0**floor(log10(r))
step_of(r) = r / power(r) < 2 ? power(r) : r / power(r) < 5 ? 2 * power(r) : 5 * power(r)
# Commands that set the marks of axis a: powers of ten; where there are few, 2 and 5 times these as
# well; even steps within a single decade.
powers(a) = sprintf("set format %s '10^{%%L}'; set %stics autofreq; set m%stics 10", a, a, a)
by_hand(a) = sprintf("set %stics (); set m%stics 1", a, a)
add(a, v) = sprintf("set %stics add ('%g' %.15g)", a, v, v)

columns = n_panels < 4 ? n_panels : n_panels == 4 ? 2 : n_panels < 7 || n_panels == 9 ? 3 : 4
rows = (n_panels + columns - 1) / columns
array panel_width[4] = [620, 420, 360, 320]
panel_height = n_panels == 1 ? 430 : columns == 4 ? 280 : 315

# The key has a part of its own below, where it can hide no data; this is its size.
entries = 1 + (reference_text ne '') + optima + n_predicted
longest = 42
do for [s = 1:n_styles] {
    if (legend[s] ne '') {
        entries = entries + 1
        longest = strlen(legend[s]) > longest ? strlen(legend[s]) : longest
    }
}
do for [k = 1:n_predicted] {
    longest = strlen(predicted_text[k]) + 12 > longest ? strlen(predicted_text[k]) + 12 : longest
}
longest = strlen(reference_text) > longest ? strlen(reference_text) : longest
width = 80.0 + columns * panel_width[columns]
key_columns = floor(width / (8 * longest + 60))
key_columns = key_columns < 1 ? 1 : key_columns > 3 ? 3 : key_columns
width = width < 8 * longest + 100 ? 8 * longest + 100 : width
key_rows = (entries + key_columns - 1) / key_columns
key_height = 22.0 * key_rows + 12 + corner
key_x(e, dx) = (76 + ((e - 1) / key_rows) * (8 * longest + 60.0) + dx) / width
key_y(e, dy) = (key_height - 6 - 22.0 * ((e - 1) % key_rows + 0.5) + dy) / height
height = 50.0 + rows * panel_height + 30 + key_height
# Room for the longest number beside a vertical axis.
digits = 3
do for [p = 1:n_panels] {
    step = step_of((y_high[p] - y_low[p]) / 4)
    do for [v in sprintf('%g %g %g', step * ceil(y_low[p] / step), step * floor(y_high[p] / step), \
                         step * (ceil(y_low[p] / step) + 1))] {
        digits = strlen(v) > digits ? strlen(v) : digits
    }
}
inset = 8 * digits + 22
cell = (width - 34) / columns
left_of(p) = (34 + ((p - 1) % columns) * cell + inset) / width
right_of(p) = (34 + ((p - 1) % columns + 1) * cell - 12) / width
top_of(p) = 1 - (50 + ((p - 1) / columns) * panel_height + 34) / height
bottom_of(p) = 1 - (50 + ((p - 1) / columns + 1) * panel_height - 36) / height

do for [kind in kinds] {
    eval begin(kind, width, height)
    size = 1.15 * size
    set pointsize size
    unset title
    set multiplot title title_text noenhanced font ',14'
    unset key
    set label 1 y_text at screen 14.0 / width, screen 1 - (50.0 + rows * panel_height / 2.0) / height \
        center rotate noenhanced
    set label 2 x_text at screen 0.5 + 27 / width, screen (key_height + 14) / height center noenhanced
    do for [p = 1:n_panels] {
        set lmargin at screen left_of(p)
        set rmargin at screen right_of(p)
        set tmargin at screen top_of(p)
        set bmargin at screen bottom_of(p)
        set title panel_text[p] noenhanced font ',12' offset 0, -0.6
        set yrange [y_low[p]:y_high[p]] noextend
        do for [a in 'x y'] {
            low = a eq 'x' ? x_low : y_low[p]
            high = a eq 'x' ? x_high : y_high[p]
            eval sprintf("set format %s '%%g'", a)
            if (a eq 'x' ? log_x : log_y) {
                decades = log10(high / low)
                if (decades > 3) {
                    eval powers(a)
                } else {
                    eval by_hand(a)
                    if (decades > 0.9) {
                        do for [k = floor(log10(low)) : ceil(log10(high))] {
                            do for [m in '1 2 5'] { eval add(a, m * 10.0**k) }
                        }
                    } else {
                        step = step_of((high - low) / 3)
                        do for [k = ceil(low / step) : floor(high / step)] { eval add(a, k * step) }
                    }
                }
            }
        }
        # SVG pictures take over the dashes of a neighbour of the same colour and width: every kind of
        # line has a width of its own, if only by a hair.
        unset arrow
        do for [i = first[p]:last[p]] {
            do for [k = 1:n_predicted] {
                at = predicted[(i - 1) * n_predicted + k]
                if (at == at) {
                    set arrow from at, graph 0 to at, graph 1 nohead back dashtype dash_of(k) \
                        linewidth 1.4 + 0.02 * k linecolor rgb colour[slot(style[i])]
                }
            }
        }
        # The key is drawn by hand: gnuplot's own breaks into columns as it likes.
        e = 0
        do for [s = 1:p == 1 ? n_styles : 0] {
            if (legend[s] ne '') {
                e = e + 1
                set arrow from screen key_x(e, 0), screen key_y(e, 0) to \
                    screen key_x(e, 36), screen key_y(e, 0) nohead linewidth 1.2 \
                    linecolor rgb colour[slot(s)]
                set label '' at screen key_x(e, 18), screen key_y(e, 0) point \
                    pointtype shape[mark(s)] pointsize size linecolor rgb colour[slot(s)]
                set label legend[s] at screen key_x(e, 44), screen key_y(e, 0) left noenhanced
            }
        }
        if (p == 1) {
            e = e + 1
            set arrow from screen key_x(e, 18), screen key_y(e, -7) to \
                screen key_x(e, 18), screen key_y(e, 7) heads size screen 4.0 / width, 90 \
                linewidth 1 linecolor rgb '#606060'
            set label 'bars: 95 % of the median over the seeds' \
                at screen key_x(e, 44), screen key_y(e, 0) left noenhanced
            if (reference_text ne '') {
                e = e + 1
                set arrow from screen key_x(e, 0), screen key_y(e, 0) to \
                    screen key_x(e, 36), screen key_y(e, 0) nohead dashtype (10, 6) \
                    linewidth 1 + 0.02 * e linecolor rgb '#606060'
                set label reference_text at screen key_x(e, 44), screen key_y(e, 0) left noenhanced
            }
            if (optima) {
                e = e + 1
                set label '' at screen key_x(e, 18), screen key_y(e, 0) point pointtype 6 \
                    pointsize 2.2 * size linewidth 1.4 linecolor rgb '#000000'
                set label 'least of the line' at screen key_x(e, 44), screen key_y(e, 0) left noenhanced
            }
        }
        do for [k = 1:p == 1 ? n_predicted : 0] {
            e = e + 1
            set arrow from screen key_x(e, 0), screen key_y(e, 0) to \
                screen key_x(e, 36), screen key_y(e, 0) nohead dashtype dash_of(k) \
                linewidth 1.4 + 0.02 * k linecolor rgb '#606060'
            set label 'predicted: ' . predicted_text[k] \
                at screen key_x(e, 44), screen key_y(e, 0) left noenhanced
        }
        plot for [i = first[p]:last[p]] data index i - 1 using 1:5 with lines dashtype (10, 6) \
                 linewidth 1 linecolor rgb colour[slot(style[i])], \
             for [i = first[p]:last[p]] data index i - 1 using 1:2 with lines linewidth 1.2 \
                 linecolor rgb colour[slot(style[i])], \
             for [i = first[p]:last[p]] data index i - 1 using 1:2:3:4 with yerrorbars \
                 linewidth 1 pointtype shape[mark(style[i])] linecolor rgb colour[slot(style[i])], \
             for [i = first[p]:last[p]] '+' using (best_x[i]):(optima ? best_y[i] : NaN) \
                 every ::::0 with points pointtype 6 pointsize 2.2 * size \
                 linewidth 1.4 linecolor rgb '#000000'
        unset label
    }

    unset multiplot
    unset output
}
