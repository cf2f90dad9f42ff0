//! ses
