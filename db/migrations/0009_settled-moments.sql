CREATE TABLE "settled_moments" (
	"id" integer PRIMARY KEY NOT NULL,
	"settled_until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "buffer_schedule_history" ADD COLUMN "in_force_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "forecasts" ADD COLUMN "in_force_from" timestamp (3) with time zone;