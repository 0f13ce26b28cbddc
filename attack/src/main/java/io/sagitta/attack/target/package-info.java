/**
 * Models that live elsewhere and are only asked: what they take and give, HTTP endpoints, and the
 * answers of an endpoint kept so that no question is asked twice.
 */
package io.sagitta.attack.target;
