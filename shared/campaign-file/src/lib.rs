//! campaign-file
