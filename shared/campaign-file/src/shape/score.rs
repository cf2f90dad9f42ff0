//! The shapes of `score`.

use super::{Kind, Shape, may, need};

pub(crate) static SCORE: Shape = Shape {
    name: "score",
    title: "`score`",
    about: "What makes a good lead: *fit*, who they are, and *engagement*, what they do. Every point has a reason.",
    keys: &[
        may("fit", Kind::List(&Kind::Shape(&FIT_RULE)), "Points for who a lead is. They never fade.", ""),
        may("grades", Kind::Shape(&GRADES), "Fit as a letter, for conditions such as `grade == \"A\"`.", ""),
        may("engagement", Kind::Shape(&ENGAGEMENT), "Points for what a lead does. They fade with time.", ""),
        need("temperature", Kind::Shape(&TEMPERATURE), "From how many points a lead is warm, and hot.", ""),
    ],
    one_of: &[],
};

pub(crate) static CAMPAIGN_SCORE: Shape = Shape {
    name: "campaign-score",
    title: "`score`",
    about: "What a campaign adds to the score of those who ever entered it.",
    keys: &[
        may("fit", Kind::List(&Kind::Shape(&FIT_RULE)), "Points for who a lead is.", ""),
        may(
            "points",
            POINTS_BY_EVENT,
            "Points for what happens after the lead first entered.",
            "{ webinar_registered: 10 }",
        ),
    ],
    one_of: &[],
};

pub(crate) static GRADES: Shape = Shape {
    name: "grades",
    title: "`grades`",
    about: "From which fit on each grade holds. Below C it is D.",
    keys: &[
        need("A", Kind::Number, "From so much fit it is A. Above `B`.", "40"),
        need("B", Kind::Number, "From so much fit it is B. Above `C`.", "20"),
        need("C", Kind::Number, "From so much fit it is C.", "0"),
    ],
    one_of: &[],
};

const POINTS_BY_EVENT: Kind = Kind::Named(&Kind::Either(&[Kind::Number, Kind::Shape(&POINTS)]));

pub(crate) static FIT_RULE: Shape = Shape {
    name: "fit-rule",
    title: "a rule",
    about: "Points for leads that meet a condition.",
    keys: &[
        need(
            "when",
            Kind::Condition,
            "Who gets the points. The score cannot be asked for here.",
            "lead.housing == \"house\"",
        ),
        need("points", Kind::Number, "How many; below zero takes some away.", "20"),
        need("because", Kind::Text, "The reason that sales reads.", "a roof of their own"),
    ],
    one_of: &[],
};

pub(crate) static ENGAGEMENT: Shape = Shape {
    name: "engagement",
    title: "`engagement`",
    about: "Points for what a lead does.",
    keys: &[
        may(
            "half_life",
            Kind::Duration,
            "After this time a point counts half. Without it points stay.",
            "30d",
        ),
        may(
            "linear",
            Kind::Duration,
            "Instead of `half_life`: a point fades evenly, and after this time it is gone.",
            "90d",
        ),
        may(
            "points",
            POINTS_BY_EVENT,
            "Points for each event, by its name.",
            "{ email_clicked: 5, page_viewed: { points: 1, at_most: 10 per 1d } }",
        ),
        may(
            "groups",
            Kind::Named(&Kind::Amount),
            "The most points in so many days by all events that bear the name as `group`.",
            "{ web: 20 per 1d }",
        ),
    ],
    one_of: &[],
};

pub(crate) static POINTS: Shape = Shape {
    name: "points",
    title: "points for an event",
    about: "Points for an event, up to a limit.",
    keys: &[
        need("points", Kind::Number, "How many; below zero takes some away.", "1"),
        may("at_most", Kind::Amount, "The most points by this event in so many days.", "10 per 1d"),
        may("group", Kind::Text, "A name from `groups`, whose limit holds too.", "web"),
    ],
    one_of: &[],
};

pub(crate) static TEMPERATURE: Shape = Shape {
    name: "temperature",
    title: "`temperature`",
    about: "The bands of the total. Below `warm` a lead is cold.",
    keys: &[
        need("warm", Kind::Number, "From so many points a lead is warm.", "20"),
        need("hot", Kind::Number, "From so many points a lead is hot. Above `warm`.", "50"),
    ],
    one_of: &[],
};
